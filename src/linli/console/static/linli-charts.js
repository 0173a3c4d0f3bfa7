// Draws every <div data-chart> from the JSON option inside it, in the house's colours.
// Strings in an option may name a colour ("@chart-1", "@orange") or a format ("@percent", "@thousands", "@compact").
(() => {
  const root = document.documentElement;
  const number = new Intl.NumberFormat(root.lang);
  const compact = new Intl.NumberFormat(root.lang, { notation: "compact", maximumFractionDigits: 1 });
  const plain = (value) => (value && typeof value === "object" ? value.value : value);
  const FORMATS = {
    "@percent": (value) => `${(plain(value) * 100).toFixed(1).replace(/\.0$/, "")}%`,
    "@thousands": (value) => number.format(plain(value)),
    "@compact": (value) => compact.format(plain(value)),
    "@absolute": (value) => number.format(Math.abs(plain(value))),
  };
  let loading;

  function engine() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = root.dataset.echarts;
      script.onload = () => done(window.echarts);
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }

  const css = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

  function resolve(value) {
    if (Array.isArray(value)) return value.map(resolve);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    }
    if (typeof value !== "string" || !value.startsWith("@")) return value;
    return FORMATS[value] || css(value.slice(1)) || value;
  }

  function theme() {
    const quiet = css("ink-3");
    const axis = {
      axisLine: { lineStyle: { color: css("line-strong") } },
      axisTick: { show: false },
      axisLabel: { color: quiet, fontSize: 12, hideOverlap: true },
      splitLine: { lineStyle: { color: css("line") } },
    };
    return {
      color: [1, 2, 3, 4, 5, 6].map((i) => css(`chart-${i}`)),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: css("ink-2") },
      categoryAxis: { ...axis, splitLine: { show: false } },
      valueAxis: { ...axis, axisLine: { show: false } },
      timeAxis: { ...axis, splitLine: { show: false } },
      legend: { textStyle: { color: css("ink-2") }, itemWidth: 12, itemHeight: 8, icon: "roundRect" },
      line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 2 } },
      bar: { barMaxWidth: 22, itemStyle: { borderRadius: 3 } },
    };
  }

  // richText tooltips are drawn on the canvas: HTML ones need inline styles, which the content policy forbids.
  const tooltip = (given) => given === null ? undefined : {
    trigger: "axis", renderMode: "richText", confine: true, backgroundColor: css("surface"), borderColor: css("line-strong"),
    shadowBlur: 0, shadowColor: "transparent", textStyle: { color: css("ink"), fontSize: 12.5 }, axisPointer: { lineStyle: { color: css("line-strong") }, shadowStyle: { color: css("sunk"), opacity: 0.6 } }, ...given,
  };

  async function draw(box) {
    const source = box.querySelector("script[type='application/json']");
    if (!source) return;
    const option = resolve(JSON.parse(source.textContent));
    const echarts = await engine();
    echarts.getInstanceByDom(box)?.dispose();
    const chart = echarts.init(box, theme());
    const legend = option.legend !== undefined;
    chart.setOption({
      animationDuration: 250,
      grid: { left: 4, right: 12, top: legend ? 34 : 12, bottom: 4, containLabel: true },
      ...option,
      ...(legend && { legend: { left: "auto", right: 0, top: 0, ...option.legend } }),
      tooltip: tooltip(option.tooltip),
    });
    chart.on("click", (point) => { if (point.data?.href) location.assign(point.data.href); });
    box.append(source); // ECharts empties its box; the option stays for a change of theme
    if (!box.linliWatch) {
      box.linliWatch = new ResizeObserver(() => echarts.getInstanceByDom(box)?.resize());
      box.linliWatch.observe(box);
    }
  }

  const drawAll = (within) => within.querySelectorAll("[data-chart]").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  document.addEventListener("linli:theme", () => drawAll(document));
})();
