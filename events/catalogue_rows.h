/*
 * catalogue_rows.h - the rows of the catalogue, for catalogue.c alone.
 *
 * An API is a row.  T is a token API, X one that is only related (it mints
 * nothing: reconnaissance, a step before, a long-lived credential).  `w` goes
 * through to the macro that reads the rows.
 *
 *     T(w, tier, on, kind, service, name, principal, target, session,
 *         credential, expires, log, evidence)                     of AWS
 *     T(w, tier, on, kind, service, name, LEAF or WHOLE, action, target,
 *         expires, log, evidence)                                 of GCP
 *     X(w, service, name, log, evidence)                          of AWS
 *     X(w, service, name, LEAF or WHOLE, action, log, evidence)   of GCP
 *
 * AWS services are written without ".amazonaws.com".  Paths: rp. is
 * requestParameters, re. responseElements, aed. additionalEventData; what the
 * words mean is in cloudtrail_target.c and gcp.c.  Order: service, then name,
 * bytewise (a test looks); of two rows with one name the first is found.
 * evidence MODEL: no record was seen, the paths come from the API's model.
 */
#ifndef ST_CATALOGUE_ROWS_H
#define ST_CATALOGUE_ROWS_H

/* clang-format off */
#define CATALOGUE_AWS(T, X, w) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "airflow", "CreateCliToken", \
	    NONE, "rp.name", CALLER, NONE, NONE, MGMT, DOCS) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "airflow", \
	    "CreateWebLoginToken", NONE, "rp.name", CALLER, NONE, NONE, \
	    MGMT, DOCS) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "appstream", \
	    "CreateStreamingURL", NONE, "rp.stackName", CALLER, NONE, NONE, \
	    MGMT, DOCS) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "athena", \
	    "CreatePresignedNotebookUrl", NONE, "rp.sessionId", CALLER, \
	    NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "bedrock-agentcore", \
	    "GetResourceApiKey", NONE, "rp.workloadName", CALLER, NONE, \
	    NONE, DATA, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "bedrock-agentcore", \
	    "GetResourceOauth2Token", NONE, "rp.workloadName", CALLER, NONE, \
	    NONE, DATA, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "bedrock-agentcore", \
	    "GetWorkloadAccessToken", NONE, "rp.workloadName", CALLER, NONE, \
	    NONE, DATA, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "bedrock-agentcore", \
	    "GetWorkloadAccessTokenForJWT", NONE, "rp.workloadName", CALLER, \
	    NONE, NONE, DATA, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "bedrock-agentcore", \
	    "GetWorkloadAccessTokenForUserId", NONE, "rp.workloadName", \
	    CALLER, NONE, NONE, DATA, MODEL) \
	X(w, "cloudshell", "CreateSession", MGMT, RECORD) \
	X(w, "cloudshell", "PutCredentials", MGMT, RECORD) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "codeartifact", \
	    "GetAuthorizationToken", NONE, "rp.domainName | rp.domain", \
	    CALLER, NONE, "re.expiration", MGMT, DOCS) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "codepipeline", \
	    "GetJobDetails", NONE, NONE, CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "codepipeline", \
	    "GetThirdPartyJobDetails", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "codepipeline", \
	    "PollForJobs", NONE, NONE, CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "codepipeline", \
	    "PollForThirdPartyJobs", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    MODEL) \
	T(w, EXTENDED, ON, WEB_IDENTITY, "cognito-identity", \
	    "GetCredentialsForIdentity", NONE, \
	    "rp.customRoleArn | resources", CALLER, KEY, UNTIL, DATA, \
	    RECORD) \
	X(w, "cognito-identity", "GetId", MGMT, RECORD) \
	T(w, EXTENDED, ON, ID_TOKEN, "cognito-identity", "GetOpenIdToken", \
	    NONE, "resources", CALLER, NONE, NONE, DATA, RECORD) \
	T(w, EXTENDED, ON, ID_TOKEN, "cognito-identity", \
	    "GetOpenIdTokenForDeveloperIdentity", NONE, "resources", CALLER, \
	    NONE, NONE, DATA, RECORD) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", \
	    "AdminInitiateAuth", NONE, "rp.userPoolId | aed.userPoolId", \
	    CALLER, NONE, NONE, MGMT, DOCS) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", \
	    "AdminRespondToAuthChallenge", NONE, \
	    "rp.userPoolId | aed.userPoolId", CALLER, NONE, NONE, MGMT, \
	    DOCS) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", \
	    "GetTokensFromRefreshToken", NONE, \
	    "rp.userPoolId | aed.userPoolId", CALLER, NONE, NONE, MGMT, \
	    DOCS) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", "InitiateAuth", \
	    NONE, "rp.userPoolId | aed.userPoolId", CALLER, NONE, NONE, \
	    MGMT, DOCS) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", \
	    "RespondToAuthChallenge", NONE, \
	    "rp.userPoolId | aed.userPoolId", CALLER, NONE, NONE, MGMT, \
	    DOCS) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cognito-idp", "Token_POST", NONE, \
	    "aed.userPoolId", CALLER, NONE, NONE, SERVICE, RECORD) \
	T(w, EXTENDED, OFF, FEDERATION, "connect", "GetFederationToken", \
	    NONE, "rp.instanceId", CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "datazone", "GetConnection", \
	    NONE, "rp.identifier", CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "datazone", \
	    "GetEnvironmentCredentials", NONE, "rp.environmentIdentifier", \
	    CALLER, "re.accessKeyId", "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, ON, ROLE, "deadline", "AssumeFleetRoleForRead", NONE, \
	    "rp.fleetId", CALLER, KEY, UNTIL, MGMT, MODEL) \
	T(w, EXTENDED, ON, ROLE, "deadline", "AssumeFleetRoleForWorker", \
	    NONE, "rp.fleetId", CALLER, KEY, UNTIL, MGMT, MODEL) \
	T(w, EXTENDED, ON, ROLE, "deadline", "AssumeQueueRoleForRead", NONE, \
	    "rp.queueId", CALLER, KEY, UNTIL, MGMT, MODEL) \
	T(w, EXTENDED, ON, ROLE, "deadline", "AssumeQueueRoleForUser", NONE, \
	    "rp.queueId", CALLER, KEY, UNTIL, MGMT, MODEL) \
	T(w, EXTENDED, ON, ROLE, "deadline", "AssumeQueueRoleForWorker", \
	    NONE, "rp.queueId", CALLER, KEY, UNTIL, MGMT, MODEL) \
	X(w, "ec2-instance-connect", "SendSSHPublicKey", MGMT, RECORD) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "ecr-public", \
	    "GetAuthorizationToken", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    DOCS) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "ecr", \
	    "GetAuthorizationToken", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    RECORD) \
	T(w, EXTENDED, ON, ROLE, "eks-auth", "AssumeRoleForPodIdentity", \
	    NONE, \
	    "arn:{partition}:eks:{region}:{account}:cluster/{rp.clusterName}", \
	    CALLER, NONE, NONE, MGMT, RECORD) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "elasticmapreduce", \
	    "GetClusterSessionCredentials", NONE, "rp.clusterId", CALLER, \
	    NONE, "re.expiresAt", MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "emr-containers", \
	    "GetManagedEndpointSessionCredentials", NONE, \
	    "rp.endpointIdentifier", CALLER, NONE, "re.expiresAt", MGMT, \
	    MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "finspace-api", \
	    "GetExternalDataViewAccessDetails", NONE, "rp.dataViewId", \
	    CALLER, KEY, UNTIL, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "finspace-api", \
	    "GetProgrammaticAccessCredentials", NONE, "rp.environmentId", \
	    CALLER, KEY, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "gamelift", "CreateBuild", \
	    NONE, "rp.buildId | re.build.buildId", CALLER, \
	    "re.uploadCredentials.accessKeyId", NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "gamelift", \
	    "GetComputeAccess", NONE, "rp.fleetId", CALLER, KEY, NONE, MGMT, \
	    MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "gamelift", \
	    "GetComputeAuthToken", NONE, "rp.fleetId", CALLER, NONE, NONE, \
	    MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "gamelift", \
	    "GetInstanceAccess", NONE, "rp.fleetId", CALLER, NONE, NONE, \
	    MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "gamelift", \
	    "RequestUploadCredentials", NONE, \
	    "rp.buildId | re.build.buildId", CALLER, \
	    "re.uploadCredentials.accessKeyId", NONE, MGMT, MODEL) \
	X(w, "iam", "AcceptDelegationRequest", MGMT, RECORD) \
	X(w, "iam", "AddClientIDToOpenIDConnectProvider", MGMT, RECORD) \
	X(w, "iam", "AddUserToGroup", MGMT, RECORD) \
	X(w, "iam", "AssociateDelegationRequest", MGMT, RECORD) \
	X(w, "iam", "AttachRolePolicy", MGMT, RECORD) \
	X(w, "iam", "AttachUserPolicy", MGMT, RECORD) \
	X(w, "iam", "CreateAccessKey", MGMT, RECORD) \
	X(w, "iam", "CreateDelegationRequest", MGMT, RECORD) \
	X(w, "iam", "CreateLoginProfile", MGMT, RECORD) \
	X(w, "iam", "CreateOpenIDConnectProvider", MGMT, RECORD) \
	X(w, "iam", "CreateRole", MGMT, RECORD) \
	X(w, "iam", "CreateSAMLProvider", MGMT, RECORD) \
	X(w, "iam", "CreateServiceSpecificCredential", MGMT, RECORD) \
	X(w, "iam", "CreateUser", MGMT, RECORD) \
	X(w, "iam", "EnableOrganizationsRootSessions", MGMT, RECORD) \
	X(w, "iam", "PutRolePolicy", MGMT, RECORD) \
	X(w, "iam", "PutUserPolicy", MGMT, RECORD) \
	X(w, "iam", "SendDelegationToken", MGMT, RECORD) \
	X(w, "iam", "UpdateAssumeRolePolicy", MGMT, RECORD) \
	X(w, "iam", "UpdateLoginProfile", MGMT, RECORD) \
	X(w, "iam", "UpdateOpenIDConnectProviderThumbprint", MGMT, RECORD) \
	X(w, "iam", "UpdateSAMLProvider", MGMT, RECORD) \
	X(w, "iot", "AssumeRoleWithCertificate", MGMT, DOCS) \
	T(w, EXTENDED, ON, SAML, "lakeformation", \
	    "AssumeDecoratedRoleWithSAML", NONE, "role", NONE, \
	    "re.accessKeyId", "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "lakeformation", \
	    "GetDataAccess", "aed.lakeFormationPrincipal", "rp.tableArn", \
	    CALLER, NONE, NONE, MGMT, DOCS) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "lakeformation", \
	    "GetTemporaryDataLocationCredentials", NONE, \
	    "rp.dataLocations.0 | rp.resourceArn", CALLER, KEY, UNTIL, MGMT, \
	    MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "lakeformation", \
	    "GetTemporaryGluePartitionCredentials", NONE, "rp.tableArn", \
	    CALLER, "re.accessKeyId", "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "lakeformation", \
	    "GetTemporaryGlueTableCredentials", NONE, "rp.tableArn", CALLER, \
	    "re.accessKeyId", "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "license-manager", "CreateToken", \
	    NONE, NONE, CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, ACCESS_TOKEN, "license-manager", \
	    "GetAccessToken", NONE, NONE, CALLER, NONE, NONE, MGMT, MODEL) \
	X(w, "lightsail", "GetBucketAccessKeys", MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "quicksight", \
	    "GenerateEmbedUrlForAnonymousUser", NONE, NONE, CALLER, NONE, \
	    NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "quicksight", \
	    "GenerateEmbedUrlForRegisteredUser", NONE, NONE, CALLER, NONE, \
	    NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "quicksight", \
	    "GenerateEmbedUrlForRegisteredUserWithIdentity", NONE, NONE, \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "quicksight", \
	    "GetDashboardEmbedUrl", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    MODEL) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "quicksight", \
	    "GetSessionEmbedUrl", NONE, NONE, CALLER, NONE, NONE, MGMT, \
	    MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "redshift-serverless", \
	    "GetCredentials", NONE, \
	    "rp.workgroupName | rp.customDomainName", CALLER, NONE, \
	    "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "redshift", \
	    "GetClusterCredentials", NONE, \
	    "arn:{partition}:redshift:{region}:{account}:cluster:{rp.clusterIdentifier}", \
	    CALLER, NONE, "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "redshift", \
	    "GetClusterCredentialsWithIAM", NONE, \
	    "arn:{partition}:redshift:{region}:{account}:cluster:{rp.clusterIdentifier}", \
	    CALLER, NONE, "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "redshift", \
	    "GetIdentityCenterAuthToken", NONE, "rp.clusterIds.0", CALLER, \
	    NONE, "re.expirationTime", MGMT, MODEL) \
	X(w, "rolesanywhere", "CreateProfile", MGMT, RECORD) \
	T(w, EXTENDED, ON, ROLE, "rolesanywhere", "CreateSession", NONE, \
	    "role", \
	    "rp.roleSessionName | re.credentialSet.0.assumedRoleUser.arn/last", \
	    "re.credentialSet.0.credentials.accessKeyId", \
	    "re.credentialSet.0.credentials.expiration", MGMT, MODEL) \
	X(w, "rolesanywhere", "CreateTrustAnchor", MGMT, RECORD) \
	X(w, "rolesanywhere", "DeleteProfile", MGMT, RECORD) \
	X(w, "rolesanywhere", "DeleteTrustAnchor", MGMT, RECORD) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "s3", "GetDataAccess", NONE, \
	    "rp.target", CALLER, NONE, NONE, MGMT, RECORD) \
	T(w, EXTENDED, OFF, SERVICE_CREDENTIAL, "s3express", \
	    "CreateSession", NONE, "rp.bucketName", CALLER, KEY, UNTIL, \
	    DATA, DOCS) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "sagemaker", \
	    "CreatePartnerAppPresignedUrl", NONE, \
	    "rp.domainId | rp.notebookInstanceName | rp.trackingServerName | rp.arn", \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "sagemaker", \
	    "CreatePresignedDomainUrl", NONE, \
	    "rp.domainId | rp.notebookInstanceName | rp.trackingServerName | rp.arn", \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "sagemaker", \
	    "CreatePresignedMlflowAppUrl", NONE, \
	    "rp.domainId | rp.notebookInstanceName | rp.trackingServerName | rp.arn", \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "sagemaker", \
	    "CreatePresignedMlflowTrackingServerUrl", NONE, \
	    "rp.domainId | rp.notebookInstanceName | rp.trackingServerName | rp.arn", \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "sagemaker", \
	    "CreatePresignedNotebookInstanceUrl", NONE, \
	    "rp.domainId | rp.notebookInstanceName | rp.trackingServerName | rp.arn", \
	    CALLER, NONE, NONE, MGMT, MODEL) \
	X(w, "signin", "AuthorizeOAuth2Access", MGMT, RECORD) \
	X(w, "signin", "CheckMfa", MGMT, RECORD) \
	T(w, CORE, FED, CONSOLE, "signin", "ConsoleLogin", NONE, SELF, \
	    CALLER, NONE, NONE, SIGNIN, RECORD) \
	X(w, "signin", "ConsoleLogin", SIGNIN, RECORD) \
	T(w, CORE, ON, ACCESS_TOKEN, "signin", "CreateOAuth2Token", NONE, \
	    SELF, CALLER, NONE, NONE, MGMT, RECORD) \
	T(w, CORE, ON, ACCESS_TOKEN, "signin", "CreateOAuth2TokenWithIAM", \
	    NONE, SELF, CALLER, NONE, NONE, MGMT, DOCS) \
	X(w, "signin", "CredentialChallenge", MGMT, RECORD) \
	X(w, "signin", "CredentialVerification", MGMT, RECORD) \
	X(w, "signin", "ExitRole", MGMT, RECORD) \
	X(w, "signin", "ExternalIdPDirectoryLogin", MGMT, RECORD) \
	T(w, CORE, ON, CONSOLE, "signin", "GetSigninToken", NONE, SELF, \
	    CALLER, KEY, NONE, SIGNIN, RECORD) \
	X(w, "signin", "PasswordRecoveryCompleted", MGMT, RECORD) \
	X(w, "signin", "PasswordRecoveryRequested", MGMT, RECORD) \
	T(w, EXTENDED, ON, CONSOLE, "signin", "RenewRole", "aed.RenewedBy", \
	    "switched-role", CALLER, NONE, NONE, SIGNIN, MODEL) \
	T(w, CORE, ON, CONSOLE, "signin", "SwitchRole", "aed.SwitchFrom", \
	    "switched-role", CALLER, NONE, NONE, SIGNIN, RECORD) \
	X(w, "signin", "UserAuthentication", MGMT, RECORD) \
	T(w, EXTENDED, ON, SERVICE_CREDENTIAL, "ssm", "GetAccessToken", \
	    NONE, "rp.accessRequestId", CALLER, KEY, \
	    "re.credentials.expirationTime", MGMT, MODEL) \
	X(w, "ssm", "ResumeSession", MGMT, RECORD) \
	X(w, "ssm", "StartSession", MGMT, RECORD) \
	T(w, CORE, ON, ACCESS_TOKEN, "sso-oauth", "CreateToken", NONE, SELF, \
	    CALLER, NONE, "time+re.expiresIn", MGMT, RECORD) \
	T(w, CORE, ON, EXCHANGE, "sso-oauth", "CreateTokenWithIAM", NONE, \
	    "identity-center-user | rp.clientId", CALLER, NONE, \
	    "time+re.expiresIn", MGMT, RECORD) \
	X(w, "sso-oauth", "RegisterClient", MGMT, DOCS) \
	X(w, "sso-oauth", "StartDeviceAuthorization", MGMT, DOCS) \
	T(w, EXTENDED, OFF, FEDERATION, "sso", "Authenticate", NONE, SELF, \
	    CALLER, NONE, NONE, SERVICE, RECORD) \
	X(w, "sso", "CreateAccountAssignment", MGMT, RECORD) \
	T(w, CORE, ON, CONSOLE, "sso", "Federate", NONE, \
	    "identity-center-role", CALLER, NONE, NONE, SERVICE, DOCS) \
	T(w, CORE, ON, ROLE, "sso", "GetRoleCredentials", NONE, \
	    "identity-center-role", CALLER, NONE, NONE, SERVICE, RECORD) \
	X(w, "sso", "ListAccountRoles", MGMT, RECORD) \
	X(w, "sso", "ListAccounts", MGMT, RECORD) \
	X(w, "sso", "Logout", MGMT, RECORD) \
	T(w, CORE, ON, ROLE, "sts", "AssumeRole", NONE, "role", ASKED, KEY, \
	    UNTIL, MGMT, RECORD) \
	T(w, CORE, ON, SAML, "sts", "AssumeRoleWithSAML", NONE, "role", \
	    ASKED, KEY, UNTIL, MGMT, RECORD) \
	T(w, CORE, ON, WEB_IDENTITY, "sts", "AssumeRoleWithWebIdentity", \
	    NONE, "role", ASKED, KEY, UNTIL, MGMT, RECORD) \
	T(w, CORE, ON, ROOT, "sts", "AssumeRoot", NONE, "member-root", NONE, \
	    KEY, UNTIL, MGMT, RECORD) \
	X(w, "sts", "DecodeAuthorizationMessage", MGMT, RECORD) \
	X(w, "sts", "GetAccessKeyInfo", MGMT, RECORD) \
	X(w, "sts", "GetCallerIdentity", MGMT, RECORD) \
	T(w, CORE, ON, EXCHANGE, "sts", "GetDelegatedAccessToken", NONE, \
	    "re.assumedPrincipal", NONE, KEY, UNTIL, MGMT, MODEL) \
	T(w, CORE, ON, FEDERATION, "sts", "GetFederationToken", NONE, \
	    "federated-user", "rp.name", KEY, UNTIL, MGMT, RECORD) \
	X(w, "sts", "GetServiceBearerToken", MGMT, DOCS) \
	T(w, CORE, ON, SESSION, "sts", "GetSessionToken", NONE, SELF, \
	    CALLER, KEY, UNTIL, MGMT, RECORD) \
	T(w, CORE, ON, ID_TOKEN, "sts", "GetWebIdentityToken", NONE, SELF, \
	    CALLER, NONE, "re.expiration", MGMT, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "workmail", \
	    "AssumeImpersonationRole", NONE, "rp.impersonationRoleId", \
	    CALLER, NONE, NONE, MGMT, MODEL)

#define CATALOGUE_GCP(T, X, w) \
	X(w, "admin.googleapis.com", "inboundSsoProfileCreated", LEAF, \
	    "admin:InboundSsoProfileCreated", ACTIVITY, RECORD) \
	X(w, "apikeys.googleapis.com", "CreateKey", LEAF, \
	    "apikeys:CreateKey", ACTIVITY, RECORD) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cloudbuild.googleapis.com", \
	    "FetchReadToken", LEAF, "cloudbuild:FetchReadToken", \
	    "resourceName", NONE, DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "cloudbuild.googleapis.com", \
	    "FetchReadWriteToken", LEAF, "cloudbuild:FetchReadWriteToken", \
	    "resourceName", NONE, DATA_ACCESS, MODEL) \
	X(w, "cloudresourcemanager.googleapis.com", "SetIamPolicy", LEAF, \
	    "cloudresourcemanager:SetIamPolicy", ACTIVITY, RECORD) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "developerconnect.googleapis.com", \
	    "FetchAccessToken", LEAF, "developerconnect:FetchAccessToken", \
	    "resourceName", NONE, DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "developerconnect.googleapis.com", \
	    "FetchReadToken", LEAF, "developerconnect:FetchReadToken", \
	    "resourceName", NONE, DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "developerconnect.googleapis.com", \
	    "FetchReadWriteToken", LEAF, \
	    "developerconnect:FetchReadWriteToken", "resourceName", NONE, \
	    DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "edgecontainer.googleapis.com", \
	    "GenerateAccessToken", LEAF, \
	    "edgecontainer:GenerateAccessToken", "resourceName", NONE, \
	    DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "gkemulticloud.googleapis.com", \
	    "GenerateAwsAccessToken", LEAF, \
	    "gkemulticloud:GenerateAwsAccessToken", "resourceName", NONE, \
	    DATA_ACCESS, MODEL) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "gkemulticloud.googleapis.com", \
	    "GenerateAzureAccessToken", LEAF, \
	    "gkemulticloud:GenerateAzureAccessToken", "resourceName", NONE, \
	    DATA_ACCESS, MODEL) \
	X(w, "iam.googleapis.com", "CreateServiceAccount", LEAF, \
	    "gcp-iam:CreateServiceAccount", ACTIVITY, DOCS) \
	X(w, "iam.googleapis.com", "CreateServiceAccountKey", LEAF, \
	    "gcp-iam:CreateServiceAccountKey", ACTIVITY, RECORD) \
	X(w, "iam.googleapis.com", "CreateWorkforcePool", LEAF, \
	    "gcp-iam:CreateWorkforcePool", ACTIVITY, RECORD) \
	X(w, "iam.googleapis.com", "CreateWorkforcePoolProvider", LEAF, \
	    "gcp-iam:CreateWorkforcePoolProvider", ACTIVITY, DOCS) \
	X(w, "iam.googleapis.com", "CreateWorkloadIdentityPoolProvider", \
	    LEAF, "gcp-iam:CreateWorkloadIdentityPoolProvider", ACTIVITY, \
	    RECORD) \
	T(w, CORE, ON, ACCESS_TOKEN, "iam.googleapis.com", \
	    "GenerateAccessToken", LEAF, \
	    "iamcredentials:GenerateAccessToken", "service-account", \
	    "response.expireTime", DATA_ACCESS, RULE) \
	X(w, "iam.googleapis.com", "SetIAMPolicy", LEAF, \
	    "gcp-iam:SetIAMPolicy", ACTIVITY, RECORD) \
	T(w, CORE, ON, SIGNATURE, "iam.googleapis.com", "SignBlob", LEAF, \
	    "gcp-iam:SignBlob", "service-account", NONE, DATA_ACCESS, DOCS) \
	T(w, CORE, ON, SIGNATURE, "iam.googleapis.com", "SignJwt", LEAF, \
	    "gcp-iam:SignJwt", "service-account", NONE, DATA_ACCESS, RECORD) \
	X(w, "iam.googleapis.com", "UpdateWorkforcePoolProvider", LEAF, \
	    "gcp-iam:UpdateWorkforcePoolProvider", ACTIVITY, DOCS) \
	X(w, "iam.googleapis.com", "UpdateWorkloadIdentityPoolProvider", LEAF, \
	    "gcp-iam:UpdateWorkloadIdentityPoolProvider", ACTIVITY, DOCS) \
	X(w, "iam.googleapis.com", "UploadServiceAccountKey", LEAF, \
	    "gcp-iam:UploadServiceAccountKey", ACTIVITY, RECORD) \
	T(w, CORE, ON, ACCESS_TOKEN, "iamcredentials.googleapis.com", \
	    "GenerateAccessToken", LEAF, \
	    "iamcredentials:GenerateAccessToken", "service-account", \
	    "response.expireTime", DATA_ACCESS, RECORD) \
	T(w, CORE, ON, ID_TOKEN, "iamcredentials.googleapis.com", \
	    "GenerateIdToken", LEAF, "iamcredentials:GenerateIdToken", \
	    "service-account", NONE, DATA_ACCESS, DOCS) \
	T(w, EXTENDED, ON, ACCESS_TOKEN, "iamcredentials.googleapis.com", \
	    "GenerateIdentityBindingAccessToken", LEAF, \
	    "iamcredentials:GenerateIdentityBindingAccessToken", \
	    "service-account", NONE, DATA_ACCESS, MODEL) \
	T(w, CORE, ON, SIGNATURE, "iamcredentials.googleapis.com", \
	    "SignBlob", LEAF, "iamcredentials:SignBlob", "service-account", \
	    NONE, DATA_ACCESS, DOCS) \
	T(w, CORE, ON, SIGNATURE, "iamcredentials.googleapis.com", \
	    "SignJwt", LEAF, "iamcredentials:SignJwt", "service-account", \
	    NONE, DATA_ACCESS, RECORD) \
	T(w, EXTENDED, OFF, ID_TOKEN, "k8s.io", \
	    "io.k8s.core.v1.serviceaccounts.token.create", WHOLE, \
	    "k8s:serviceaccounts.token.create", "resourceName", NONE, \
	    DATA_ACCESS, DOCS) \
	X(w, "login.googleapis.com", "loginSuccess", LEAF, \
	    "login:LoginSuccess", ACTIVITY, RECORD) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "oauth2.googleapis.com", \
	    "GetToken", LEAF, "oauth2:GetToken", "resourceName", NONE, \
	    ACTIVITY, DOCS) \
	X(w, "storage.googleapis.com", "storage.hmacKeys.create", WHOLE, \
	    "storage:Create", ACTIVITY, RECORD) \
	T(w, CORE, ON, EXCHANGE, "sts.googleapis.com", "ExchangeOauthToken", \
	    LEAF, "gcp-sts:ExchangeOauthToken", "provider", NONE, \
	    DATA_ACCESS, RECORD) \
	T(w, CORE, ON, EXCHANGE, "sts.googleapis.com", "ExchangeToken", \
	    LEAF, "gcp-sts:ExchangeToken", "provider", NONE, DATA_ACCESS, \
	    RECORD) \
	T(w, CORE, ON, EXCHANGE, "sts.googleapis.com", "WebSignIn", LEAF, \
	    "gcp-sts:WebSignIn", "provider", NONE, DATA_ACCESS, RECORD) \
	X(w, "sts.googleapis.com", "WebSignOut", LEAF, "gcp-sts:WebSignOut", \
	    DATA_ACCESS, RECORD) \
	T(w, EXTENDED, OFF, ACCESS_TOKEN, "workstations.googleapis.com", \
	    "GenerateAccessToken", LEAF, "workstations:GenerateAccessToken", \
	    "resourceName", NONE, DATA_ACCESS, MODEL)
/* clang-format on */

#endif
