// Stands in for YouTube's IFrame player: the same interface, and a film of a thousand seconds that a clock plays.

const states = { ENDED: 0, PLAYING: 1, PAUSED: 2 };

class Player {
  constructor(element, options) {
    this.options = options;
    this.rate = 1;
    this.position = 0;
    this.since = null;
    this.frame = document.createElement("div");
    this.frame.textContent = `Video ${options.videoId}`;
    element.replaceWith(this.frame);
    globalThis.player = this;
    setTimeout(() => options.events.onReady?.({ target: this }));
  }

  getCurrentTime() {
    return this.since === null ? this.position : this.position + ((performance.now() - this.since) / 1000) * this.rate;
  }

  getPlaybackRate() {
    return this.rate;
  }

  setPlaybackRate(rate) {
    this.move(this.getCurrentTime());
    this.rate = rate;
    this.options.events.onPlaybackRateChange?.({ data: rate });
  }

  seekTo(seconds) {
    this.move(seconds);
  }

  playVideo() {
    this.since = performance.now();
    this.options.events.onStateChange?.({ data: states.PLAYING });
  }

  pauseVideo() {
    this.position = this.getCurrentTime();
    this.since = null;
    this.options.events.onStateChange?.({ data: states.PAUSED });
  }

  destroy() {
    this.frame.remove();
  }

  move(seconds) {
    this.position = seconds;
    if (this.since !== null) this.since = performance.now();
  }
}

globalThis.YT = { Player, PlayerState: states };
globalThis.onYouTubeIframeAPIReady?.();
