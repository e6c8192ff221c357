import { createGuardSource, VENDORED_GUARDS } from '../../config/guards';

/** The lists that come with the code. */
export const GUARDS = createGuardSource([VENDORED_GUARDS]);
