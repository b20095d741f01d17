// A chain of LangChain as the agent of a session: node examples/langchain.ts
// In a project of yours the import of the first line is from 'superdialog-voice', and the model is a
// real one, such as ChatOpenAI of @langchain/openai.
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate, MessagesPlaceholder } from '@langchain/core/prompts';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { InMemorySessionStore, LangChainAgent, SessionWorker } from '../src/index.ts';

const model = new FakeListChatModel({
  responses: ['We open at nine.', 'On Sundays at ten.'],
});
const chain = ChatPromptTemplate.fromMessages([
  ['system', 'You answer for {shop}. Be brief.'],
  new MessagesPlaceholder('messages'),
])
  .pipe(model)
  .pipe(new StringOutputParser());

const worker = new SessionWorker({
  agentFactory: () =>
    new LangChainAgent({
      runnable: chain,
      input: ({ messages }) => ({ shop: 'a bakery', messages }),
    }),
  store: new InMemorySessionStore(),
});

await using session = await worker.acquire('caller-1');
for (const question of ['When do you open?', 'And on Sundays?']) {
  console.log(`> ${question}`);
  for await (const chunk of session.turn(question, { stream: true })) {
    if (chunk.type === 'text') process.stdout.write(chunk.text);
  }
  console.log();
}
