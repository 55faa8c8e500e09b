/** Every constant of the store in one place, units last in each name. */

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** A key is 1 to this many bytes of UTF-8. */
export const keyBytesMax = 2048;
/** What stands before a key in the order of expiry: a mark, and the time. */
export const expiryPrefixBytes = 9;
/** The longest key of an entry: one in the order of expiry. */
export const entryKeyBytesMax = expiryPrefixBytes + keyBytesMax;
export const valueBytesMax = 16 * MiB;
/** Timestamps lie in ±this (2^53 − 1), so that every one of them is an exact number. */
export const timestampMax = Number.MAX_SAFE_INTEGER;
export const batchBytesMax = 64 * MiB;
export const batchOperationsMax = 1_000_000;
/** How far `bump` looks for a free timestamp unless told, in the store's unit. */
export const bumpMaxDefault = 1000;

export const memoryBytesDefault = 64 * MiB;
export const memoryBytesMin = 8 * MiB;
export const busyTimeoutDefaultMs = 5000;

/** A WAL file is sealed when the next frame would pass this size… */
export const walBytesMax = 4 * MiB;
/** …or after so many frames: its end register then stays within one file system block. */
export const walFramesMax = 4000;
/** The WAL is zero-filled ahead in steps of this size; a reader finds the end within one step. */
export const walFillBytes = 32 * KiB;
/** Sealed and flushed WAL files are kept for watchers up to this many bytes. */
export const walKeptBytes = 16 * MiB;
/** Who waits for commits is told by the system, and looks by itself after so long… */
export const watchPollMs = 1000;
/** …and where the system tells nothing, as often as this. */
export const watchPollBlindMs = 50;
/** So many sealed WAL files that are not flushed yet make a writer wait for a flush of its process… */
export const walSealedMax = 4;
/** …or as many as this share of its memory tier is, if those are more… */
export const walSealedShare = 0.3;
/** …and so many for that of another process too: they are memory to whoever reads. */
export const walSealedLimit = 20;
/** In either case they wait when `walSealedMax` or more of them are so much memory. */
export const walSealedMemoryMax = 96 * MiB;

/** A log of more that this process has not read is flushed before versions are taken out. */
export const flushedToExpireBytesMin = 128 * KiB;

export const blockBytesTarget = 4 * KiB;
/** A data block stays deflated if that leaves at most so much of it. */
export const deflatedShareMax = 0.8;
/** A merge of less, that nobody has asked for, deflates nothing: soon all of it is merged again. */
export const deflatedMergeBytesMin = 16 * MiB;
/** Each block that is deflated leaves garbage, for which a tier of less has no room. */
export const deflatingMemoryMin = 32 * MiB;
/** No data block is larger: one entry that does not fit into a usual one is all that it has. */
export const dataBlockBytesMax = 4 * blockBytesTarget;
/** Of so many bytes together index and filter blocks are written, and read while there is room. */
export const neighbourBytesMax = 256 * KiB;
/** Bits of the bloom filter for each key: about 1 % false positives. */
export const filterBitsPerKey = 10;

/** So many neighbouring segments of like size are merged into one. */
export const compactionFanIn = 4;
/** So many of those that are small, as a flush leaves them: each merge of them writes everything again. */
export const smallFanIn = 8;
/** No merge is of more: each of them is opened again by every process that goes on with it. */
export const mergeInputsMax = 32;
/** While there are no more segments than so many, flushes go before merges; with twice as many they share. */
export const segmentsUnhurried = 16;
/** Where retention lets more than this share go, segments are written anew for that. */
export const garbageShareMax = 0.3;
/** Where versions are counted, writers wait for that while what came later takes more than this. */
export const laterBytesMax = 24 * MiB;
/** A merge that would make a larger segment than this is not picked (compact({full}) does). */
export const segmentBytesMax = 1024 * MiB;
/**
 * What a one-shot process spends on merging when it closes the store, in milliseconds, if it was the
 * one to fill another part of a log…
 */
export const closingMergeBudgetMs = 50;
/** …of so many into which each is divided. */
export const closingParts = 8;
/** So long after something is seen to be due it is done in a process that has no other reason to, … */
export const upkeepDelayMs = 1000;
/** …and tried again, if it could not be done, at first and in the end. */
export const upkeepAgainMs = 10_000;
export const upkeepAgainMaxMs = 600_000;
/** A tier of less has no room for a thread beside it, which takes some 10 MiB. */
export const builderMemoryMin = 32 * MiB;
/** Where so much of a log is filled within so long, segments are made in a thread of their own… */
export const busyRotationBytes = 2 * MiB;
export const busyRotationMs = 2000;
/** …and where so much is merged: whoever uses the store meanwhile has this thread to himself. */
export const builderMergeBytesMin = 32 * MiB;
/** A thread that makes segments ends when it has had nothing to do for so long. */
export const builderIdleMs = 5000;
/** Its young generation, in MiB. */
export const builderYoungMiB = 4;
/** Flush and merge give the event loop its turn after this many milliseconds. */
export const sliceMs = 5;
/** So many entries of a segment are written between two looks at the clock. */
export const entriesPerLook = 64;
