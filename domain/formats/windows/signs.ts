import type { Severity } from '../../severity';
import type { Document } from '../document';
import type { Reading } from '../readings';
import { kindOf, named, textOf } from './event';
import * as at from './readings';

/** What an event shows by itself, without a rule that fired on it. */
export interface Sign {
  /** What an analyst would call it; the classification table knows it. */
  is: string;
  severity: Severity;
  /** Kinds of event (see {@link kindOf}) in which it counts; default: those of {@link PROCESS_STARTED}. */
  in?: readonly string[];
  /** What is read, and what must stand there; all of them. */
  shows: readonly (readonly [Reading, RegExp])[];
  unless?: readonly (readonly [Reading, RegExp])[];
}

export const PROCESS_STARTED = ['sysmon/1', 'security/4688'];
const FILE_CREATED = ['sysmon/11', 'sysmon/15', 'sysmon/23', 'sysmon/26', 'sysmon/29'];
const REGISTRY_CHANGED = ['sysmon/12', 'sysmon/13', 'sysmon/14', 'security/4657'];
const CONNECTED = ['sysmon/3', 'security/5156'];
const SCRIPTED = ['powershell/4104', 'powershell/4103', 'powershell/800'];
const SERVICE_INSTALLED = ['system/7045', 'security/4697'];

const SHELL =
  /\\(?:cmd|powershell|pwsh|wscript|cscript|mshta|rundll32|regsvr32|msbuild|installutil|verclsid|certutil|bitsadmin)\.exe$/i;
const SCRIPT_HOST = /\\(?:powershell|pwsh|wscript|cscript|mshta|rundll32|regsvr32)\.exe$/i;
const OFFICE = /\\(?:winword|excel|powerpnt|outlook|msaccess|mspub|onenote|visio|eqnedt32)\.exe$/i;
const RUNNABLE = /\.(?:exe|dll|scr|com|pif|cpl|sys|msi|ps1|psm1|bat|cmd|vbs|vbe|js|jse|wsf|hta|lnk|msc)$/i;
const USERS_PLACE =
  /\\(?:users\\(?:public|[^\\]{1,64}\\(?:appdata|downloads|desktop|music|pictures))|perflogs|recyclers?\.bin|\$recycle\.bin|windows\\temp|temp)\\/i;
const REVERSED = /\u202e/;
const LOOPBACK = /^(?:::1|(?:0:){7}1|127\.)/;
/** Not this host itself, by any of its names. */
const ELSEWHERE = String.raw`(?!"?(?:localhost|127\.0\.0\.1|::1|\.)(?:["\s\\]|$))`;

const DUMPS = new RegExp(
  [
    String.raw`mimikatz|sekurlsa|lsadump|kerberos::|gsecdump|pwdump|lazagne|nanodump|wsass|memprocfs|invoke-kerberoast|rubeus`,
    String.raw`procdump[^|]{0,200}lsass|comsvcs(?:\.dll)?[^|]{0,40}(?:minidump|#\+?24)|findstr[^|]{0,60}(?:lsass|cpassword)`,
    String.raw`reg(?:\.exe)?"?\s+save\s+(?:hklm|hkey_local_machine)\\(?:sam|security|system)\b`,
    String.raw`(?:shadowcopy|@gmt-)[^|]{0,200}(?:\\sam\b|\\system\b|\\security\b|ntds)|ntdsutil|ntds\.dit|cmdkey(?:\.exe)?"?\s+/list`,
  ].join('|'),
  'i',
);
const PROTECTION_OFF = new RegExp(
  [
    String.raw`set-mppreference|add-mppreference[^|]{0,80}exclusion|msft_mppreference|submitsamplesconsent`,
    String.raw`(?:stop|delete|disable)\s+"?(?:windefend|wdfilter|sense|mpssvc|sysmon)|windows-defender[^|]{0,60}/remove|edr-?freeze`,
    String.raw`(?:amsienable|safeboot\\|specialaccounts\\userlist|vulnerabledriverblocklist|hypervisorenforcedcodeintegrity)`,
    String.raw`(?:wmi\\autologger|scriptblocklogging|requireplatformsecurityfeatures|enablevirtualizationbasedsecurity|lsacfgflags)`,
    String.raw`amsi\\providers|disableantispyware|disablerealtimemonitoring|firewallpolicy\\[^\\]{1,40}\\enablefirewall|werfaultsecure`,
    String.raw`product\s+where[^|]{0,120}(?:avg|sophos|mcafee|symantec|kaspersky|eset|defender|sentinel|crowdstrike)[^|]{0,60}(?:uninstall|stopservice)`,
  ].join('|'),
  'i',
);
const RECOVERY_OFF =
  /vssadmin[^|]{0,60}delete|shadowcopy[^|]{0,30}delete|wbadmin[^|]{0,40}delete|bcdedit[^|]{0,80}(?:recoveryenabled|bootstatuspolicy)|systemrestore/i;
const ENCODED =
  /(?:powershell|pwsh)(?:\.exe)?"?\s[^|]{0,400}[-/]e(?:c|n|nc|nco|ncod|ncode|ncoded|ncodedc[a-z]{0,6})?\s+["']?[a-z0-9+/=]{8}/i;
const FETCHES = new RegExp(
  [
    String.raw`certutil[^|]{0,60}(?:urlcache|verifyctl|-url|syncwithwu)|bitsadmin[^|]{0,40}/(?:transfer|addfile)`,
    String.raw`(?:curl|wget)(?:\.exe)?"?\s[^|]{0,400}(?:-o|-O|--output|--remote-name|-k|--insecure)\b`,
    String.raw`(?:mshta|regsvr32|msiexec|rundll32)(?:\.exe)?"?\s[^|]{0,200}https?:`,
    String.raw`downloadstring|downloadfile|downloaddata|invoke-webrequest|\biwr\s|start-bitstransfer|--dump-dom\s`,
  ].join('|'),
  'i',
);
const ARCHIVES = /\b(?:rar|7za?|winrar)(?:\.exe)?"?\s+a\s[^|]{0,200}-h?p|compress-7zip[^|]{0,200}-password/i;
const UAC =
  /ms-settings\\shell\\open|mscfile\\shell\\open|\\shell\\open\\command\\delegateexecute|\\shell\\runas\\command|\\environment\\windir$/i;
const AUTOSTART =
  /\\currentversion\\(?:run|runonce|runonceex|policies\\explorer\\run)\\|\\winlogon\\(?:shell|userinit)|userinitmprlogonscript|user shell folders\\|print\\monitors\\/i;
const RUN_REMOTELY = new RegExp(
  [
    String.raw`/node:${ELSEWHERE}[^|]{1,200}process\s+call\s+create`,
    String.raw`\b(?:invoke-command|enter-pssession|new-pssession|invoke-wmimethod|invoke-cimmethod)\b[^|]{0,200}-(?:computername|cn|session|hostname)\s`,
    String.raw`\bwinrs(?:\.exe)?"?\s[^|]{0,40}[-/]r:|\bschtasks(?:\.exe)?"?\s[^|]{0,80}/s\s+${ELSEWHERE}`,
    String.raw`\b(?:psexec(?:64)?|paexec)(?:\.exe)?"?\s[^|]{0,60}\\\\${ELSEWHERE}|\b(?:nxc|netexec|crackmapexec|wmiexec|smbexec|atexec)\b`,
    String.raw`\bsc(?:\.exe)?"?\s+\\\\${ELSEWHERE}|\bmstsc(?:\.exe)?"?\s[^|]{0,40}/v:`,
  ].join('|'),
  'i',
);

/** The worst first: what comes first names the event. */
const SIGNS: readonly Sign[] = [
  {
    is: 'file name written backwards',
    severity: 'high',
    in: [...PROCESS_STARTED, ...CONNECTED],
    shows: [[[at.IMAGE, at.PARENT_COMMAND], REVERSED]],
  },
  { is: 'file name written backwards', severity: 'high', in: PROCESS_STARTED, shows: [[at.PARENT_COMMAND, REVERSED]] },
  { is: 'file name written backwards', severity: 'high', in: FILE_CREATED, shows: [[at.TARGET_FILE, REVERSED]] },

  // credentials
  { is: 'credential dump', severity: 'high', shows: [[at.COMMAND, DUMPS]] },
  {
    is: 'credential dump',
    severity: 'high',
    shows: [[at.IMAGE, /\\(?:mimikatz|procdump(?:64)?|pwdump|lazagne|gsecdump|nanodump)[^\\]{0,20}\.exe$/i]],
  },
  { is: 'credential dump', severity: 'high', in: SCRIPTED, shows: [[at.SCRIPT, DUMPS]] },
  { is: 'credential dump', severity: 'high', in: ['sysmon/8'], shows: [[at.TARGET_PROCESS, /\\lsass\.exe$/i]] },
  {
    is: 'credential dump',
    severity: 'high',
    in: ['sysmon/10'],
    shows: [[at.TARGET_PROCESS, /\\lsass\.exe$/i]],
    unless: [[at.IMAGE, /\\windows\\system32\\(?:svchost|csrss|wininit|lsm|services|wmiprvse)\.exe$/i]],
  },
  {
    is: 'credential dump',
    severity: 'high',
    in: FILE_CREATED,
    shows: [
      [
        at.TARGET_FILE,
        /lsass[^\\]{0,40}\.dmp$|\\ntds\.dit|mimikatz|mimidrv|mimilib|procdump(?:64)?\.exe$|\\(?:sam|security|system)\.(?:hive|save|hiv)$/i,
      ],
    ],
  },
  {
    is: 'credential dump',
    severity: 'high',
    in: ['sysmon/7'],
    shows: [
      [at.LOADED, /\\(?:dbgcore|dbghelp)\.dll$/i],
      [at.IMAGE, USERS_PLACE],
    ],
  },
  {
    is: 'access to the credential vault',
    severity: 'medium',
    in: ['sysmon/7'],
    shows: [[at.LOADED, /\\vaultcli\.dll$/i]],
  },

  // other hosts
  {
    is: 'RDP through a tunnel',
    severity: 'high',
    in: ['security/4624'],
    shows: [
      [at.LOGON_TYPE, /^10$/],
      [at.SOURCE_IP, LOOPBACK],
    ],
  },
  {
    is: 'RDP through a tunnel',
    severity: 'high',
    in: CONNECTED,
    shows: [
      [at.DESTINATION_PORT, /^3389$/],
      [at.SOURCE_IP, LOOPBACK],
    ],
  },
  {
    is: 'service of a remote execution tool',
    severity: 'high',
    in: SERVICE_INSTALLED,
    shows: [
      [
        at.SERVICE_FILE,
        /(?:%systemroot%|c:\\windows)\\[^\\ ]{1,64}\.exe|comspec|cmd(?:\.exe)? \/|powershell|\\\\127\.0\.0\.1\\|admin\$|psexesvc|paexec|\\temp\\/i,
      ],
    ],
  },
  {
    is: 'program run by a remote execution tool',
    severity: 'medium',
    shows: [[at.PARENT, /\\(?:psexesvc|paexec[^\\]{0,40}|csexecsvc|remcomsvc|winexesvc)\.exe$/i]],
  },
  {
    is: 'shell started by WMI',
    severity: 'high',
    shows: [
      [at.PARENT, /\\wmiprvse\.exe$/i],
      [at.IMAGE, SHELL],
    ],
  },
  { is: 'program started by WinRM', severity: 'medium', shows: [[at.PARENT, /\\(?:wsmprovhost|winrshost)\.exe$/i]] },
  { is: 'command sent to another host', severity: 'medium', shows: [[at.COMMAND, RUN_REMOTELY]] },
  { is: 'command sent to another host', severity: 'medium', in: SCRIPTED, shows: [[at.SCRIPT, RUN_REMOTELY]] },
  {
    is: 'file copied to another host',
    severity: 'medium',
    shows: [
      [
        at.COMMAND,
        /\bp?scp(?:\.exe)?"?\s[^|]{0,300}@[^|]{0,200}:|\bnet1?(?:\.exe)?"?\s+use\s[^|]{0,40}\\\\[^|]{1,80}\$|\bcopy\s[^|]{0,200}\\\\[^|]{1,80}\$/i,
      ],
    ],
  },
  {
    is: 'program dropped through an admin share',
    severity: 'medium',
    in: FILE_CREATED,
    shows: [
      [at.IMAGE, /^system$|\\(?:paexec|psexesvc|wsmprovhost)[^\\]{0,40}\.exe$/i],
      [at.TARGET_FILE, /\\windows\\(?:system32\\|syswow64\\)?[^\\]{1,80}\.(?:exe|dll)$/i],
    ],
  },
  { is: 'WinRM connection', severity: 'low', in: CONNECTED, shows: [[at.DESTINATION_PORT, /^598[56]$/]] },
  { is: 'RDP connection', severity: 'medium', in: CONNECTED, shows: [[at.DESTINATION_PORT, /^3389$/]] },
  {
    is: 'SMB or RPC connection',
    severity: 'medium',
    in: CONNECTED,
    shows: [[at.DESTINATION_PORT, /^(?:135|139|445)$/]],
  },
  { is: 'RDP logon', severity: 'medium', in: ['security/4624'], shows: [[at.LOGON_TYPE, /^10$/]] },
  {
    is: 'network logon by NTLM',
    severity: 'medium',
    in: ['security/4624'],
    shows: [
      [at.LOGON_TYPE, /^3$/],
      [named('AuthenticationPackageName', 'LmPackageName'), /^ntlm/i],
      [at.SOURCE_IP, /\d/],
    ],
    unless: [[at.SOURCE_IP, LOOPBACK]],
  },
  {
    is: 'logon with credentials of another',
    severity: 'medium',
    in: ['security/4624'],
    shows: [
      [at.LOGON_TYPE, /^9$/],
      [named('LogonProcessName'), /seclogo/i],
    ],
  },
  {
    is: 'logon with credentials of another',
    severity: 'medium',
    in: ['security/4648'],
    shows: [[named('TargetServerName'), /./]],
    unless: [[named('TargetServerName'), /^localhost$/i]],
  },
  {
    is: 'admin share opened',
    severity: 'medium',
    in: ['security/5140', 'security/5145'],
    shows: [[named('ShareName'), /\\(?:admin|[a-z])\$$/i]],
  },

  // data
  {
    is: 'cloud drive connected',
    severity: 'high',
    shows: [[at.COMMAND, /\bnet1?(?:\.exe)?"?\s+use\s[^|]{0,60}https?:/i]],
  },
  {
    is: 'file copied to a cloud drive',
    severity: 'medium',
    in: SCRIPTED,
    shows: [[at.SCRIPT, /copy-item[^|]{0,300}webdav/i]],
  },
  { is: 'data packed with a password', severity: 'medium', shows: [[at.COMMAND, ARCHIVES]] },
  { is: 'data packed with a password', severity: 'medium', in: SCRIPTED, shows: [[at.SCRIPT, ARCHIVES]] },
  {
    is: 'copying tool to cloud storage',
    severity: 'high',
    shows: [[at.IMAGE, /\\(?:rclone|megacmd|megasync)\.exe$/i]],
  },

  // defences
  { is: 'protection turned off', severity: 'high', shows: [[at.COMMAND, PROTECTION_OFF]] },
  { is: 'protection turned off', severity: 'high', in: SCRIPTED, shows: [[at.SCRIPT, PROTECTION_OFF]] },
  { is: 'protection turned off', severity: 'high', in: REGISTRY_CHANGED, shows: [[at.REGISTRY, PROTECTION_OFF]] },
  {
    is: 'protection turned off',
    severity: 'high',
    in: ['sysmon/10'],
    shows: [[at.TARGET_PROCESS, /\\(?:msmpeng|mssense)\.exe$/i]],
    unless: [[at.IMAGE, /\\windows\\system32\\(?:svchost|services|csrss)\.exe$/i]],
  },
  { is: 'recovery turned off', severity: 'high', shows: [[at.COMMAND, RECOVERY_OFF]] },
  { is: 'recovery turned off', severity: 'high', in: REGISTRY_CHANGED, shows: [[at.REGISTRY, RECOVERY_OFF]] },
  {
    is: 'recovery turned off',
    severity: 'high',
    in: ['security/4701', 'security/4699', 'taskscheduler/141', 'taskscheduler/142'],
    shows: [[named('TaskName'), RECOVERY_OFF]],
  },
  {
    is: 'event log cleared',
    severity: 'medium',
    shows: [[at.COMMAND, /wevtutil(?:\.exe)?"?\s+(?:cl|clear-log)|clear-eventlog/i]],
  },

  // programs and how they were started
  {
    is: 'started by an Office program',
    severity: 'high',
    shows: [
      [at.PARENT, OFFICE],
      [at.IMAGE, SHELL],
    ],
  },
  {
    is: 'written by an Office program',
    severity: 'high',
    in: FILE_CREATED,
    shows: [
      [at.IMAGE, OFFICE],
      [at.TARGET_FILE, RUNNABLE],
    ],
  },
  {
    is: 'macros loaded by an Office program',
    severity: 'high',
    in: ['sysmon/7'],
    shows: [
      [at.IMAGE, OFFICE],
      [at.LOADED, /\\vbe(?:ui|7)\.dll$/i],
    ],
  },
  {
    is: 'elevation without consent',
    severity: 'high',
    shows: [
      [at.PARENT, /\\(?:fodhelper|computerdefaults|sdclt|eventvwr|control)\.exe$/i],
      [at.IMAGE, SHELL],
    ],
  },
  {
    is: 'elevation without consent',
    severity: 'high',
    shows: [
      [at.PARENT, SCRIPT_HOST],
      [at.IMAGE, /\\(?:fodhelper|computerdefaults|sdclt|sdbinst)\.exe$/i],
    ],
  },
  { is: 'elevation without consent', severity: 'high', in: REGISTRY_CHANGED, shows: [[at.REGISTRY, UAC]] },
  { is: 'encoded PowerShell', severity: 'high', shows: [[[at.COMMAND], ENCODED]] },
  { is: 'download by a system tool', severity: 'high', shows: [[at.COMMAND, FETCHES]] },
  { is: 'download by a system tool', severity: 'high', in: SCRIPTED, shows: [[at.SCRIPT, FETCHES]] },
  { is: 'file decoded by certutil', severity: 'high', shows: [[at.COMMAND, /\s-(?:decode|encode|decodehex)\s/i]] },
  {
    is: 'library from a network path',
    severity: 'high',
    shows: [[at.COMMAND, /(?:rundll32|regsvr32|mshta)(?:\.exe)?"?\s[^|]{0,40}\\\\/i]],
  },
  {
    is: 'library with an odd name',
    severity: 'high',
    shows: [
      [at.COMMAND, /(?:rundll32|regsvr32)(?:\.exe)?"?\s[^|]{0,200}\.(?:png|jpe?g|gif|lock|dat|tmp|txt|log|bin)\b/i],
    ],
  },
  {
    is: 'renamed system tool',
    severity: 'high',
    shows: [
      [
        at.ORIGINAL_NAME,
        /^(?:certutil|wscript|cscript|powershell|cmd|mshta|rundll32|regsvr32|bitsadmin|msdt|adfind|netsh|curl)\.exe$/i,
      ],
    ],
    unless: [
      [
        at.IMAGE,
        /\\(?:certutil|wscript|cscript|powershell|cmd|mshta|rundll32|regsvr32|bitsadmin|msdt|adfind|netsh|curl)\.exe$/i,
      ],
    ],
  },
  {
    is: 'system program in the wrong place',
    severity: 'high',
    shows: [[at.IMAGE, /\\(?:svchost|lsass|csrss|services|taskhost|taskhostw|spoolsv|winlogon|msmpeng)\.exe$/i]],
    unless: [[at.IMAGE, /\\windows\\(?:system32|syswow64|winsxs)\\|\\windows defender\\/i]],
  },
  { is: 'script run by a renamed engine', severity: 'high', shows: [[[at.COMMAND], /\/e:(?:jscript|vbscript)/i]] },
  {
    is: 'script run by a renamed engine',
    severity: 'high',
    shows: [[[at.PARENT_COMMAND], /\/e:(?:jscript|vbscript)/i]],
  },
  { is: 'program started by a script', severity: 'medium', shows: [[at.PARENT, /\\(?:wscript|cscript|mshta)\.exe$/i]] },
  {
    is: 'account created on the command line',
    severity: 'high',
    shows: [[at.COMMAND, /\bnet1?(?:\.exe)?"?\s+(?:user|localgroup|group)\s[^|]{0,200}\/add/i]],
  },
  {
    is: 'program in a place of users',
    severity: 'medium',
    in: [...PROCESS_STARTED, ...CONNECTED],
    shows: [[at.IMAGE, USERS_PLACE]],
  },
  { is: 'script engine on the network', severity: 'medium', in: CONNECTED, shows: [[at.IMAGE, SCRIPT_HOST]] },
  {
    is: 'code put into another process',
    severity: 'high',
    in: ['sysmon/8', 'sysmon/10'],
    shows: [[at.TARGET_PROCESS, /\\(?:explorer|mstsc|winlogon|svchost|spoolsv)\.exe$/i]],
  },
  {
    is: 'code put into another process',
    severity: 'medium',
    in: ['sysmon/8'],
    shows: [[[at.TARGET_PROCESS, at.IMAGE], /\\/]],
  },
  {
    is: 'library of the print spooler',
    severity: 'high',
    in: [...FILE_CREATED, 'sysmon/7', 'printservice/admin/808'],
    shows: [[[at.TARGET_FILE, at.LOADED], /\\spool\\drivers\\/i]],
  },
  {
    is: 'PowerShell engine in another program',
    severity: 'high',
    in: ['sysmon/7'],
    shows: [[at.LOADED, /\\system\.management\.automation(?:\.ni)?\.dll$/i]],
    unless: [[at.IMAGE, /\\(?:powershell|powershell_ise|pwsh|wsmprovhost)\.exe$/i]],
  },
  { is: 'library in a place of users', severity: 'medium', in: ['sysmon/7'], shows: [[at.LOADED, USERS_PLACE]] },
  {
    is: 'task scheduler used by a script',
    severity: 'high',
    in: ['sysmon/7'],
    shows: [
      [at.LOADED, /\\taskschd\.dll$/i],
      [at.IMAGE, SCRIPT_HOST],
    ],
  },

  {
    is: 'firewall opened',
    severity: 'high',
    shows: [[at.COMMAND, /netsh(?:\.exe)?"?\s[^|]{0,40}firewall[^|]{0,20}add[^|]{0,200}allow/i]],
  },
  {
    is: 'registry changed by a script',
    severity: 'high',
    shows: [[at.COMMAND, /\breg(?:\.exe)?"?\s+import\s[^|]{0,40}\\users\\/i]],
  },
  {
    is: 'encoded script',
    severity: 'high',
    shows: [[at.COMMAND, /b64decode|frombase64string|conhost(?:\.exe)?"?\s[^|]{0,20}--headless/i]],
  },

  // files
  {
    is: 'program dropped in a public place',
    severity: 'high',
    in: FILE_CREATED,
    shows: [
      [at.TARGET_FILE, /\\(?:users\\public|start menu\\programs\\startup|recyclers\.bin)\\/i],
      [at.TARGET_FILE, RUNNABLE],
    ],
  },
  {
    is: 'program dropped by a script',
    severity: 'high',
    in: FILE_CREATED,
    shows: [
      [at.IMAGE, /\\(?:mshta|rundll32|regsvr32|scp|sftp|certutil|bitsadmin|esentutl)\.exe$/i],
      [at.TARGET_FILE, RUNNABLE],
    ],
  },
  {
    is: 'program dropped by a script',
    severity: 'high',
    in: FILE_CREATED,
    shows: [
      [at.IMAGE, SCRIPT_HOST],
      [at.TARGET_FILE, /\\temp\\[^\\]{1,100}\.(?:exe|dll|scr)$/i],
    ],
  },
  {
    is: 'program dropped by a script',
    severity: 'medium',
    in: FILE_CREATED,
    shows: [
      [at.IMAGE, /\\(?:powershell|pwsh|wscript|cscript|curl)\.exe$/i],
      [at.TARGET_FILE, RUNNABLE],
    ],
  },
  {
    is: 'program dropped in a place of users',
    severity: 'medium',
    in: FILE_CREATED,
    shows: [
      [at.TARGET_FILE, USERS_PLACE],
      [at.TARGET_FILE, RUNNABLE],
    ],
  },
  { is: 'library or program dropped', severity: 'medium', in: FILE_CREATED, shows: [[at.TARGET_FILE, RUNNABLE]] },
  {
    is: 'secret or archive written by a script',
    severity: 'medium',
    in: FILE_CREATED,
    shows: [[at.TARGET_FILE, /\.(?:pfx|p12|kdbx|7z|zip|rar|reg)$|password(?:s|sdb)?$/i]],
  },

  // persistence
  {
    is: 'autostart entry',
    severity: 'high',
    in: REGISTRY_CHANGED,
    shows: [
      [at.REGISTRY, AUTOSTART],
      [at.REGISTRY_VALUE, /\.(?:vbs|vbe|js|ps1|bat|cmd|hta|scr)\b|powershell|rundll32|vnc/i],
    ],
  },
  { is: 'autostart entry', severity: 'medium', in: REGISTRY_CHANGED, shows: [[at.REGISTRY, AUTOSTART]] },
  { is: 'autostart entry', severity: 'high', in: SCRIPTED, shows: [[at.SCRIPT, /currentversion\\run/i]] },
  { is: 'autostart entry', severity: 'medium', shows: [[at.COMMAND, /currentversion\\run|user shell folders/i]] },
  {
    is: 'COM object replaced',
    severity: 'high',
    in: REGISTRY_CHANGED,
    shows: [
      [at.REGISTRY, /\\clsid\\[^\\]{1,60}\\(?:localserver32|inprocserver32|treatas)/i],
      [at.REGISTRY_VALUE, /users|temp|appdata/i],
    ],
  },
  {
    is: 'COM object replaced',
    severity: 'medium',
    in: REGISTRY_CHANGED,
    shows: [[at.REGISTRY, /\\clsid\\[^\\]{1,60}\\(?:localserver32|inprocserver32|treatas)/i]],
  },
  {
    is: 'WMI event subscription',
    severity: 'high',
    in: ['sysmon/19', 'sysmon/20', 'sysmon/21', 'wmi-activity/5861'],
    shows: [
      [
        [named('Destination', 'Consumer', 'PossibleCause'), at.IMAGE],
        /powershell|cmd\.exe|wscript|createobject|-enc|-e /i,
      ],
    ],
  },
  {
    is: 'hidden account',
    severity: 'high',
    in: REGISTRY_CHANGED,
    shows: [[at.REGISTRY, /\\account\\users\\names\\[^\\]{1,64}\$/i]],
  },
  {
    is: 'suspicious scheduled task',
    severity: 'high',
    in: ['security/4698', 'security/4702'],
    shows: [
      [
        named('TaskContent', 'TaskContentNew'),
        /powershell|cmd\.exe|\\appdata\\|\\temp\\|\\users\\public|mshta|rundll32|regsvr32/i,
      ],
    ],
  },
  {
    is: 'suspicious script',
    severity: 'medium',
    in: SCRIPTED,
    shows: [
      [
        at.SCRIPT,
        /frombase64string|createthread|virtualalloc|writeprocessmemory|\biex\b|invoke-expression|reflection\.assembly|dllimport|getprocaddress|amsiutils|interop\.outlook|ziparchive|zipfile|antivirusproduct|win32_bios|encodedcommand|creationtime|new-service|pssnapin|-stream\s/i,
      ],
    ],
  },
  {
    is: 'registry changed by a script',
    severity: 'medium',
    in: REGISTRY_CHANGED,
    shows: [[at.IMAGE, /\\(?:reg|cmd|powershell|pwsh|wscript|cscript|mshta|rundll32|regsvr32)\.exe$/i]],
  },
];

const holds = (document: Document, [reading, pattern]: readonly [Reading, RegExp]): boolean =>
  pattern.test(textOf(reading, document));

const seen = new WeakMap<object, readonly Sign[]>();

/** What an event shows, the worst first. */
export function signsOf(document: Document): readonly Sign[] {
  let signs = seen.get(document.fields);
  if (!signs) {
    const kind = kindOf(document);
    signs = SIGNS.filter(
      ({ in: kinds = PROCESS_STARTED, shows, unless = [] }) =>
        kinds.includes(kind) &&
        shows.every((each) => holds(document, each)) &&
        !unless.some((each) => holds(document, each)),
    );
    seen.set(document.fields, signs);
  }
  return signs;
}
