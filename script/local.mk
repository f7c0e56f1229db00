# script: what a person runs in a checkout.

EXTRA_DIST += script/check-includes script/output-kinds script/structure
SCENARIOS += tests/scenario/includes
