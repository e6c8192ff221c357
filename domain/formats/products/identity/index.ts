import type { Format } from '../../format';
import { alertCenter } from './alert-center';
import { box } from './box';
import { keycloak } from './keycloak';
import { okta } from './okta';
import { pushSecurity } from './push-security';
import { teleport } from './teleport';
import { workspace } from './workspace';

/** Sign-ins, and the services that are signed in to. */
export const IDENTITY: readonly Format[] = [workspace, alertCenter, okta, keycloak, teleport, box, pushSecurity];
