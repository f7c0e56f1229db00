# script: what a person runs in a checkout.
