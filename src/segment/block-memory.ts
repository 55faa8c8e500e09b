/** Memory of one's own for one block at a time: views of cached blocks do not last. */
export class BlockMemory {
  #memory = Buffer.alloc(0);

  /** A copy that holds until the next one is made. */
  copy(bytes: Buffer): Buffer {
    if (bytes.length > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(this.#memory);
    return this.#memory.subarray(0, bytes.length);
  }
}
