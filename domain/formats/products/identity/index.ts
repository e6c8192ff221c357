import type { Format } from '../../format';
import { alertCenter } from './alert-center';
import { auth0 } from './auth0';
import { box } from './box';
import { duo } from './duo';
import { github } from './github';
import { keycloak } from './keycloak';
import { okta } from './okta';
import { onelogin } from './onelogin';
import { pushSecurity } from './push-security';
import { salesforce } from './salesforce';
import { slack } from './slack';
import { teleport } from './teleport';
import { workspace } from './workspace';

/** Sign-ins, and the services that are signed in to. */
export const IDENTITY: readonly Format[] = [
  workspace,
  alertCenter,
  okta,
  duo,
  auth0,
  onelogin,
  keycloak,
  teleport,
  box,
  salesforce,
  slack,
  github,
  pushSecurity,
];
