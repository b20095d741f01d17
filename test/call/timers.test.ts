import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DtmfCollector } from '../../src/call/dtmf-collector.ts';
import { SilenceTimer } from '../../src/call/silence-timer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('tones', () => {
  function collect(press: (collector: DtmfCollector) => void): string[] {
    const inputs: string[] = [];
    const collector = new DtmfCollector(600, (digits) => inputs.push(digits));
    press(collector);
    return inputs;
  }

  it('within the inter-digit time are one input', () => {
    const inputs = collect((collector) => {
      collector.push('4');
      vi.advanceTimersByTime(599);
      collector.push('7');
      vi.advanceTimersByTime(600);
    });
    expect(inputs).toEqual(['47']);
  });

  it('are complete at once with #, which is not part of them', () => {
    expect(
      collect((collector) => [...'471#'].forEach((digit) => void collector.push(digit))),
    ).toEqual(['471']);
  });

  it('may be a # alone', () => {
    const inputs = collect((collector) => {
      collector.push('#');
      vi.advanceTimersByTime(600);
    });
    expect(inputs).toEqual(['#']);
  });

  it('are forgotten when the call stops', () => {
    const inputs = collect((collector) => {
      collector.push('4');
      collector.stop();
      vi.advanceTimersByTime(1000);
    });
    expect(inputs).toEqual([]);
  });
});

describe('silence', () => {
  it('is counted in a row, from one again after the caller spoke', () => {
    const counts: number[] = [];
    const timer = new SilenceTimer(8000, (count) => counts.push(count));
    timer.start();
    vi.advanceTimersByTime(8000);
    timer.start();
    vi.advanceTimersByTime(8000);
    timer.reset();
    vi.advanceTimersByTime(20_000);
    timer.start();
    vi.advanceTimersByTime(8000);
    expect(counts).toEqual([1, 2, 1]);
  });
});
