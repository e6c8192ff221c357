import { createRequire } from 'node:module';
import type * as Acts from './acts';
import type * as Alert from './alert';
import type * as Audit from './audit';
import type * as Bulk from './bulk';
import type * as Doctor from './doctor';
import type * as Eval from './eval';
import type * as Guards from './guards';
import type * as Incident from './incident';
import type * as Incidents from './incidents';
import type * as Ioc from './ioc';
import type * as IocEntries from './ioc-entries';
import type * as IocExport from './ioc-export';
import type * as IocImport from './ioc-import';
import type * as IocSources from './ioc-sources';
import type * as Keys from './keys';
import type * as Note from './note';
import type * as Parse from './parse';
import type * as Providers from './providers';
import type * as Regroup from './regroup';
import type * as Report from './report';
import type * as Rescore from './rescore';
import type * as Retry from './retry';
import type * as Site from './site';
import type * as Suppress from './suppress';
import type * as Stats from './stats';

// Not import(): inside CommonJS that would go past the loader, which understands TypeScript in require only.
const load = createRequire(__filename);

/** The commands, each loaded when it is called: `soar alert` should not wait for a database driver. */
export const commands = {
  acts: (): typeof Acts => load('./acts') as typeof Acts,
  alert: (): typeof Alert => load('./alert') as typeof Alert,
  audit: (): typeof Audit => load('./audit') as typeof Audit,
  bulk: (): typeof Bulk => load('./bulk') as typeof Bulk,
  doctor: (): typeof Doctor => load('./doctor') as typeof Doctor,
  eval: (): typeof Eval => load('./eval') as typeof Eval,
  guards: (): typeof Guards => load('./guards') as typeof Guards,
  incident: (): typeof Incident => load('./incident') as typeof Incident,
  incidents: (): typeof Incidents => load('./incidents') as typeof Incidents,
  ioc: (): typeof Ioc => load('./ioc') as typeof Ioc,
  iocEntries: (): typeof IocEntries => load('./ioc-entries') as typeof IocEntries,
  iocExport: (): typeof IocExport => load('./ioc-export') as typeof IocExport,
  iocImport: (): typeof IocImport => load('./ioc-import') as typeof IocImport,
  iocSources: (): typeof IocSources => load('./ioc-sources') as typeof IocSources,
  keys: (): typeof Keys => load('./keys') as typeof Keys,
  note: (): typeof Note => load('./note') as typeof Note,
  providers: (): typeof Providers => load('./providers') as typeof Providers,
  regroup: (): typeof Regroup => load('./regroup') as typeof Regroup,
  report: (): typeof Report => load('./report') as typeof Report,
  rescore: (): typeof Rescore => load('./rescore') as typeof Rescore,
  retry: (): typeof Retry => load('./retry') as typeof Retry,
  site: (): typeof Site => load('./site') as typeof Site,
  suppress: (): typeof Suppress => load('./suppress') as typeof Suppress,
  stats: (): typeof Stats => load('./stats') as typeof Stats,
  parse: (): typeof Parse => load('./parse') as typeof Parse,
};
