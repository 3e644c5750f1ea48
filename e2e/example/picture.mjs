import { readFileSync, writeFileSync } from "node:fs";

/** The page by day on a desk and by night on a phone, beside each other: `example.webp`, the picture of the README. */
export async function picture(browser, folder) {
  const [wide, phone] = ["light-wide", "dark-phone"].map((name) => readFileSync(`${folder}/${name}.png`, "base64"));
  const page = await browser.newPage();
  const url = await page.evaluate(
    async ([wide, phone]) => {
      const image = async (data) => createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const [left, right] = [await image(wide), await image(phone)];
      const gap = 24;
      const canvas = new OffscreenCanvas(left.width + gap + right.width, left.height);
      const brush = canvas.getContext("2d");
      brush.drawImage(left, 0, 0);
      brush.drawImage(right, left.width + gap, 0);
      const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    },
    [wide, phone],
  );
  writeFileSync(`${folder}/example.webp`, Buffer.from(url));
  await page.close();
}
