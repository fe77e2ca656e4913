/** @jsxImportSource hono/jsx */
import { webHandler } from 'cdk-lambda-streaming/web';
import { Hono } from 'hono';
import { Suspense } from 'hono/jsx';
import { renderToReadableStream } from 'hono/jsx/streaming';

/** Stands for a slow database or service. */
async function forecastFor(city: string): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return city === 'Atlantis' ? 'under water' : 'sunny, 21 °C';
}

async function Forecast({ city }: { readonly city: string }) {
  return <p id="forecast">{await forecastFor(city)}</p>;
}

const app = new Hono();

app.get('/', (c) => {
  const city = c.req.query('city') ?? 'Lisbon';
  const page = (
    <html lang="en">
      <head>
        <title>{`Weather in ${city}`}</title>
      </head>
      <body>
        <h1>{city}</h1>
        <Suspense fallback={<p id="waiting">Asking the weather service …</p>}>
          <Forecast city={city} />
        </Suspense>
      </body>
    </html>
  );
  // The browser shows the heading and the fallback at once; the forecast takes the fallback's place when it is there.
  return c.body(renderToReadableStream(page), 200, { 'content-type': 'text/html; charset=utf-8' });
});

export const handler = webHandler(app.fetch);
