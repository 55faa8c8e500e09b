import type { Command } from '@oclif/core/command';
import { Help } from '@oclif/core/help';

/** oclif's help as text, where oclif itself would write to stdout. */
export class PageHelp extends Help {
  page(command: Command.Loadable): string {
    return this.formatCommand(command);
  }

  root(): string {
    return `${this.formatRoot()}\n\n${this.formatCommands(this.sortedCommands)}\n`;
  }
}
