/** A prompt that shows one key's timeline, and steps to older and newer versions. */
import { createPrompt, isDownKey, isUpKey, useEffect, useKeypress, useState } from '@inquirer/core';
import type { Step } from './timeline-window.js';

export interface TimelineView {
  /** The key, as it is shown. */
  title: string;
  /** What is to be seen after a step, as lines; the first call makes the step 'newest'. */
  after: (step: Step) => Promise<string>;
  /** The drawing of its numbers, once it is made; empty if there are none. */
  drawing: Promise<string>;
  /** How many versions a page is. */
  page: number;
}

const help = 'left, right: older, newer; PgUp, PgDn, Home, End; Esc: back';

/** Resolves when the user goes back. */
export const viewTimeline = createPrompt<void, TimelineView>(
  ({ title, after, drawing, page }, done) => {
    const [step, setStep] = useState<{ step: Step }>({ step: 'newest' });
    const [shown, setShown] = useState('');
    const [drawn, setDrawn] = useState('');

    useEffect(() => {
      after(step.step).then(setShown, (error: unknown) => {
        setShown(String(error instanceof Error ? error.message : error));
      });
    }, [step]);
    useEffect(() => {
      void drawing.then(setDrawn);
    }, []);
    useKeypress((event, line) => {
      line.clearLine(0);
      const next = stepOf(event.name, page);
      if (event.name === 'escape' || event.name === 'q') done();
      else if (isUpKey(event)) setStep({ step: -1 });
      else if (isDownKey(event)) setStep({ step: 1 });
      else if (next !== undefined) setStep({ step: next });
    });
    return [title, [drawn, shown, help].filter((part) => part !== '').join('\n')];
  },
);

function stepOf(name: string, page: number): Step | undefined {
  const steps: Record<string, Step> = {
    left: -1,
    right: 1,
    pageup: -page,
    pagedown: page,
    home: 'oldest',
    end: 'newest',
  };
  return steps[name];
}
