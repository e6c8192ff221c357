import { when, type Reading } from '../readings';
import type { Document } from '../document';
import { named } from './event';

/** Winlogbeat and Elastic's agent move values of the event to fields of the Elastic Common Schema. */
const ecs = (...paths: string[]): Reading => when(({ fields }: Document) => 'winlog' in fields, ...paths);

export const IMAGE: Reading = [
  named('Image', 'NewProcessName', 'SourceImage', 'ProcessName', 'Process Name', 'Application', 'Proc'),
  ecs('process.executable'),
];
export const PARENT: Reading = [
  named('ParentImage', 'ParentProcessName', 'ParentProc'),
  ecs('process.parent.executable', 'process.parent.name'),
];
export const COMMAND: Reading = [
  named('CommandLine', 'ProcessCommandLine', 'Process Command Line', 'Cmdline'),
  ecs('process.command_line'),
];
export const PARENT_COMMAND: Reading = [
  named('ParentCommandLine', 'ParentCmdline'),
  ecs('process.parent.command_line'),
];
export const SCRIPT: Reading = [
  named('ScriptBlockText', 'ScriptBlock', 'Payload'),
  ecs('powershell.file.script_block_text'),
];
export const ORIGINAL_NAME: Reading = [named('OriginalFileName'), ecs('process.pe.original_file_name')];
export const TARGET_FILE: Reading = [named('TargetFilename', 'TgtFile'), ecs('file.path')];
export const LOADED: Reading = [named('ImageLoaded', 'PluginDllName'), ecs('dll.path', 'file.path')];
export const TARGET_PROCESS = named('TargetImage', 'TgtProc');
export const REGISTRY: Reading = [named('TargetObject', 'ObjectName', 'TgtObj'), ecs('registry.path')];
export const REGISTRY_VALUE: Reading = [named('Details', 'NewValue'), ecs('registry.data.strings')];
export const SERVICE_FILE = named('ImagePath', 'ServiceFileName');
export const SOURCE_IP: Reading = [
  named('IpAddress', 'SourceIp', 'SourceAddress', 'ClientAddress', 'ClientIP', 'SrcIP'),
  ecs('source.ip'),
];
export const DESTINATION_IP: Reading = [named('DestinationIp', 'DestAddress', 'TgtIP'), ecs('destination.ip')];
export const DESTINATION_PORT: Reading = [named('DestinationPort', 'DestPort', 'TgtPort'), ecs('destination.port')];
export const LOGON_TYPE = named('LogonType');
