import { beforeAll, describe, expect, test } from 'vitest';
import { expectTalk, machineOf, opened } from '../support/conversation.ts';
import { startHttpService } from '../support/http-service.ts';
import { decide, promptOf, startModelMachine } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

/** A node that does not wait for the caller, between a question and what may follow. */
function flow(node: string): string {
  return `
    initial_node: ask
    nodes:
      - { id: ask, static_text: Well?, edges: [{ id: go, match: { examples: [go on] }, target_node_id: node }] }
      - id: node
${node.replaceAll(/^/gm, '        ')}
      - { id: a, static_text: This is a. }
      - { id: b, instruction: Say that this is b. }
  `;
}

/** The same without a need for a model. */
function mute(text: string): string {
  return text.replace('instruction: Say that this', 'static_text: This');
}

const TWO_WAYS = `edges:
  - { id: to_a, condition: It fits a., target_node_id: a }
  - { id: to_b, condition: It fits b., target_node_id: b }`;
const ONE_WAY = 'edges: [{ id: to_a, condition: Whatever was said., target_node_id: a }]';

describe('an auto_proceed node', () => {
  test('goes on by its only edge, at no call, whatever its condition says', async () => {
    const machine = machineOf(
      mute(flow(`static_text: Just taken.\nauto_proceed: true\n${ONE_WAY}`)),
    );
    await expectTalk(machine, [
      [opened, {}],
      ['go on', { text: 'Just taken. This is a.', at: 'a' }],
    ]);
  });

  test('whose fixed words are out has the model read which way to go, in one call', async () => {
    await using talk = await startModelMachine(
      flow(`static_text: One moment.\nauto_proceed: true\n${TWO_WAYS}`),
      [decide('to_b', 'This is b.')],
    );
    await expectTalk(talk.machine, [
      [opened, {}],
      ['go on', { text: 'One moment. This is b.', at: 'b', calls: 1 }],
    ]);
  });

  test('that only a model speaks for is spoken with the decision: one call, not two', async () => {
    await using talk = await startModelMachine(
      flow(`instruction: Tell what was found.\nauto_proceed: true\n${TWO_WAYS}`),
      [decide('to_b', 'It was found. This is b.')],
    );
    await expectTalk(talk.machine, [
      [opened, {}],
      ['go on', { text: 'It was found. This is b.', at: 'b', calls: 1 }],
    ]);
    expect(promptOf(talk.server, 0)).toContain('Tell what was found.');
  });

  test('that the model cannot lead on from stays, without saying its words twice', async () => {
    await using talk = await startModelMachine(
      flow(`static_text: One moment.\nauto_proceed: true\n${TWO_WAYS}`),
      [decide('stay', 'Hm.'), decide('to_a', '')],
    );
    await expectTalk(talk.machine, [
      [opened, {}],
      ['go on', { text: 'One moment.', at: 'node' }],
      ['to a', { at: 'a' }],
    ]);
  });

  test('stays where there is no model, and takes its fallback edge where it has one', async () => {
    const node = `static_text: One moment.\nauto_proceed: true\n${TWO_WAYS}`;
    await expectTalk(machineOf(mute(flow(node))), [
      [opened, {}],
      ['go on', { text: 'One moment.', at: 'node' }],
    ]);
    const fallback = `${node}\n  - { id: lost, is_fallback: true, target_node_id: a }`;
    await expectTalk(machineOf(mute(flow(fallback))), [
      [opened, {}],
      [
        'go on',
        { text: 'One moment. This is a.', moves: ['go → node (example)', 'lost → a (fallback)'] },
      ],
    ]);
  });
});

describe('a router', () => {
  test('with one way on takes it at no call', async () => {
    await expectTalk(machineOf(mute(flow(`node_type: router\n${ONE_WAY}`))), [
      [opened, {}],
      ['go on', { text: 'This is a.', at: 'a' }],
    ]);
  });

  /** The caller comes to the router by words that only a model understands. */
  const prose = (node: string) =>
    flow(node).replace('match: { examples: [go on] }', 'condition: The caller goes on.');

  test('that has something to do first is not looked through: what it finds decides', async () => {
    await using api = await startHttpService(() => ({ body: { found: true } }));
    const file = `${prose(
      `node_type: router\nactions: [{ trigger: on_enter, action_id: look }]\n${TWO_WAYS}`,
    )}
    actions: [{ id: look, method: GET, url: "${api.url}/look", store_response_as: result }]`;
    await using talk = await startModelMachine(
      file,
      [decide('go', 'Let me see.'), decide('to_b', 'This is b.')],
      { http: { allowPrivate: ['127.0.0.1'] } },
    );
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do go', { text: 'Let me see. This is b.', at: 'b', calls: 2 }],
    ]);
    expect(promptOf(talk.server, 0)).not.toContain('go>to_a');
  });

  test('is looked through three deep, and the fourth in a row is asked about on its own', async () => {
    const names = ['node', 'r2', 'r3', 'r4', 'r5'];
    const routers = names.slice(0, 4).map(
      (id, index) => `
      - id: ${id}
        node_type: router
        edges:
          - { id: e${index}, condition: It fits., target_node_id: ${names[index + 1]} }
          - { id: x${index}, condition: It does not., target_node_id: a }`,
    );
    const file = `
    initial_node: ask
    nodes:
      - { id: ask, static_text: Well?, edges: [{ id: go, condition: They go on., target_node_id: node }] }${routers.join('')}
      - { id: a, static_text: This is a. }
      - { id: r5, static_text: Far away. }`;
    await using talk = await startModelMachine(file, [decide('go>e0>e1>e2', ''), decide('e3', '')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do go', { text: 'Far away.', at: 'r5', calls: 2, refused: [] }],
    ]);
    expect(promptOf(talk.server, 0)).not.toContain('e2>e3');
  });

  test('that is looked through tells the model by which data to choose', async () => {
    const node = `node_type: router\ninstruction: "Those with {{ points }} points belong to b."\n${TWO_WAYS}`;
    await using talk = await startModelMachine(prose(node), [decide('go>to_b', 'This is b.')]);
    talk.machine.seed({ points: '700' });
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do go', { at: 'b', calls: 1 }],
    ]);
    expect(promptOf(talk.server, 0)).toContain('Those with 700 points belong to b.');
  });

  test('that a guard decides is not looked through: data go before what a model reads', async () => {
    const guarded = prose(`node_type: router
edges:
  - { id: vip, guard: gold, target_node_id: b }
  - { id: to_a, condition: It fits a., target_node_id: a }
  - { id: to_b, condition: It fits b., target_node_id: b }`);
    await using talk = await startModelMachine(guarded, [
      decide('go', 'This is b.'),
      decide('go>to_a', ''),
    ]);
    const plain = talk.another();
    talk.machine.seed({ gold: true });
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do go', { at: 'b', moves: ['go → node (model)', 'vip → b (guard)'], calls: 1 }],
    ]);
    await expectTalk(plain, [
      [opened, {}],
      ['do go', { at: 'a', moves: ['go → node (model)', 'to_a → a (model)'], calls: 1 }],
    ]);
  });
});
