import type { Format } from '../../format';
import { fail2ban } from './fail2ban';
import { lfd } from './lfd';
import { loginLog } from './login-log';
import { samba } from './samba';
import { sshd } from './sshd';

/** Logins as servers log them, and what bans those who fail. */
export const AUTH: readonly Format[] = [sshd, fail2ban, lfd, samba, loginLog];
