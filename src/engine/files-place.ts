/** Where the files of a store are, and how they are opened. */
import type { Environment } from './environment.js';

export interface FilesPlace {
  environment: Environment;
  directory: string;
  isReadOnly: boolean;
  memoryBytes: number;
  busyTimeoutMs: number;
  /** The name of the snapshot that is read, if one is. */
  snapshot: string | undefined;
  /** Told now and then while others may have written, after their logs and segments were followed. */
  noticed?: () => void;
}
