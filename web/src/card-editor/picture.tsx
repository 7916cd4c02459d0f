// The picture with its crop; the files of the card stand below it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Assets } from './assets';
import { Button, home, Icon, use } from './parts';
import { ask } from './remote';

interface Box { x: number; y: number; width: number; height: number }
const SHAPES: [string, string, number][] = [['square', 'Square', 1], ['portrait', '2 : 3', 2 / 3], ['whole', 'Whole picture', 0]];

/** The largest part of a shape in a picture, towards its upper middle, where faces are. */
function largest(width: number, height: number, ratio: number, zoom = 1): Box {
  if (!ratio) return { x: 0, y: 0, width, height };
  const w = Math.min(width, height * ratio) / zoom, h = w / ratio;
  return { x: (width - w) / 2, y: (height - h) / 3, width: w, height: h };
}
const clamp = (n: number, high: number) => Math.max(0, Math.min(high, n));

export const Pictures = () => <><Cropper /><Assets /></>;

function Cropper() {
  const url: string = use((s) => s.state.picture), [file, take] = useState<File | null>(null), [source, point] = useState('');
  const [shape, choose] = useState('square'), [zoom, scale] = useState(1), [size, measure] = useState<[number, number]>([0, 0]);
  const [box, put] = useState<Box>({ x: 0, y: 0, width: 0, height: 0 }), [told, tell] = useState(''), [busy, work] = useState(false);
  const frame = useRef<HTMLDivElement>(null), dragged = useRef<{ x: number; y: number; box: Box } | null>(null);
  useEffect(() => {
    const made = file ? URL.createObjectURL(file) : '';
    point(made || url);
    return () => { if (made) URL.revokeObjectURL(made); };
  }, [file, url]);
  const ratio = SHAPES.find(([key]) => key === shape)![2];
  useEffect(() => {
    const fit = largest(...size, ratio, zoom), middle = box.width ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : null;
    put(middle && ratio ? { ...fit, x: clamp(middle.x - fit.width / 2, size[0] - fit.width), y: clamp(middle.y - fit.height / 2, size[1] - fit.height) } : fit);
  }, [size[0], size[1], ratio, zoom]);
  const move = (x: number, y: number, from = box) => put({ ...from, x: clamp(from.x + x, size[0] - from.width), y: clamp(from.y + y, size[1] - from.height) });
  const down = (e: PointerEvent) => { dragged.current = { x: e.clientX, y: e.clientY, box }; (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId); };
  const drag = (e: PointerEvent) => {
    if (!dragged.current || !frame.current) return;
    const factor = size[0] / frame.current.clientWidth;
    move((e.clientX - dragged.current.x) * factor, (e.clientY - dragged.current.y) * factor, dragged.current.box);
  };
  const keys = (e: KeyboardEvent) => {
    const by = (e.shiftKey ? 0.1 : 0.01) * size[0], way: Record<string, [number, number]> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    if (way[e.key]) { e.preventDefault(); move(...way[e.key]); }
    if (e.key === '+' || e.key === '-') { e.preventDefault(); scale(Math.max(1, Math.min(4, zoom + (e.key === '+' ? 0.1 : -0.1)))); }
  };
  const save = async () => {
    work(true); tell('');
    try {
      if (!(await home.settled())) throw new Error('Save the words of the card first.');
      const form = new FormData();
      form.set('rev', String(home.store.rev));
      if (file) form.set('file', file);
      if (ratio) for (const [name, value] of Object.entries(box)) form.set(name, String(Math.floor(value)));
      const card = await ask('PUT', `/api/v2/cards/${home.id}/picture`, form);
      home.store.settle(home.store.base, card.rev);
      home.store.show({ picture: card.picture_url, version: card.version });
      take(null); scale(1);
      tell('The new picture is saved. Its text is as it was.');
    } catch (error) { tell((error as Error).message); }
    work(false);
  };
  const percent = (n: number, of: number) => `${of ? (100 * n) / of : 0}%`;
  return (
    <section class="form-grid" aria-label="Picture">
      <div class="ce-crop-grid">
        {source ? (
          <div class="ce-crop" ref={frame}>
            <img src={source} alt="The picture of the card" data-crop-image onLoad={(e) => measure([e.currentTarget.naturalWidth, e.currentTarget.naturalHeight])} />
            {ratio > 0 && size[0] > 0 && <div class="ce-crop-box" data-crop role="application" tabIndex={0} aria-label="Part of the picture that is kept: drag it, or use the arrows, + and -" style={{ left: percent(box.x, size[0]), top: percent(box.y, size[1]), width: percent(box.width, size[0]), height: percent(box.height, size[1]) }} onPointerDown={down} onPointerMove={drag} onPointerUp={() => { dragged.current = null; }} onKeyDown={keys} />}
          </div>
        ) : <div class="ce-none ce-center"><Icon name="image" size="size-6" /><p>This card has no picture yet. With one, it becomes a PNG.</p></div>}
        <div class="form-grid">
          <div class="field"><span class="field-label">Another picture</span><label class="drop ce-drop"><Icon name="upload" /><span>Drop or choose a picture</span><input type="file" accept="image/png,image/jpeg,image/webp" aria-label="Choose a picture" onChange={(e) => { take(e.currentTarget.files?.[0] ?? null); tell(''); }} /></label></div>
          {source && <div class="field"><span class="field-label">Shape</span><div class="ce-row">{SHAPES.map(([key, label]) => <button type="button" class={`btn btn-sm ${shape === key ? 'btn-tint' : 'btn-plain'}`} aria-pressed={shape === key} onClick={() => choose(key)}>{label}</button>)}</div></div>}
          {source && ratio > 0 && <label class="field"><span class="field-label">Closer</span><input class="slider" type="range" min="1" max="4" step="0.05" value={zoom} onInput={(e) => scale(Number(e.currentTarget.value))} /></label>}
          {source && <div class="ce-row"><button type="button" class="btn btn-primary btn-sm" disabled={busy || (!file && !ratio)} onClick={() => { void save(); }}>{busy ? 'Saving…' : 'Save the picture'}</button>{file && <Button label="Keep the old one" text kind="plain" onClick={() => take(null)} />}</div>}
          {told && <p class="field-hint" role="status">{told}</p>}
          {size[0] > 0 && <p class="field-hint num">{size[0]} × {size[1]} pixels{ratio ? `, ${Math.floor(box.width)} × ${Math.floor(box.height)} are kept` : ''}</p>}
        </div>
      </div>
    </section>
  );
}
