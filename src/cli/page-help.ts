import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';

/** oclif's help as text, where oclif itself would write to stdout. */
export class PageHelp extends Help {
  protected override CommandHelpClass = ShortUsage;

  page(command: Command.Loadable): string {
    return this.formatCommand(command);
  }

  root(): string {
    return `${this.formatRoot()}\n\n${this.formatCommands(this.sortedCommands)}\n`;
  }
}

/** The options stand below, one a line: the usage need not list them. */
class ShortUsage extends CommandHelp {
  protected override defaultUsage(): string {
    const args = Object.values(this.command.args).map((arg) => this.arg(arg));
    return [this.command.id, ...args, '[OPTIONS]'].join(' ');
  }
}
