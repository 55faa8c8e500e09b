import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';

/** oclif's help as text, where oclif itself would write to stdout. */
export class PageHelp extends Help {
  protected override CommandHelpClass = ShortUsage;

  page(command: Command.Loadable): string {
    return `${this.render(command.summary ?? '')}\n\n${this.formatCommand(command)}`;
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

  /** The summary stands at the top of the page already. */
  protected override description(): string | undefined {
    const { description } = this.command;
    return description === undefined ? undefined : this.wrap(description);
  }
}
