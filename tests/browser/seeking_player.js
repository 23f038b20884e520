// Has the interface of YouTube's IFrame player: a seek buffers for a moment, a film of 600 seconds ends, and all is told late.

const states = { UNSTARTED: -1, ENDED: 0, PLAYING: 1, PAUSED: 2, BUFFERING: 3, CUED: 5 };
const LENGTH = 600;

class Player {
  constructor(element, options) {
    this.options = options;
    this.state = states.CUED;
    this.rate = 1;
    this.position = 0;
    this.since = 0;
    this.frame = document.createElement("iframe");
    element.replaceWith(this.frame);
    globalThis.player = this;
    setTimeout(() => this.options.events.onReady?.({ target: this }), 10);
  }

  getCurrentTime() {
    if (this.state !== states.PLAYING) return this.position;
    return Math.min(LENGTH, this.position + ((performance.now() - this.since) / 1000) * this.rate);
  }

  getPlaybackRate() {
    return this.rate;
  }

  setPlaybackRate(rate) {
    this.stand(this.getCurrentTime(), this.state);
    this.rate = rate;
    setTimeout(() => this.options.events.onPlaybackRateChange?.({ data: rate }), 5);
  }

  seekTo(seconds) {
    const after = this.state;
    this.become(states.BUFFERING, seconds);
    setTimeout(() => this.become(after), 30);
  }

  playVideo() {
    this.become(states.PLAYING);
    clearInterval(this.ending);
    this.ending = setInterval(() => this.getCurrentTime() >= LENGTH && this.become(states.ENDED), 20);
  }

  pauseVideo() {
    this.become(states.PAUSED);
  }

  destroy() {
    clearInterval(this.ending);
    this.frame.remove();
  }

  become(state, position = this.getCurrentTime()) {
    if (state === states.ENDED) clearInterval(this.ending);
    this.stand(position, state);
    setTimeout(() => this.options.events.onStateChange?.({ data: state }), 5);
  }

  stand(position, state) {
    this.position = position;
    this.since = performance.now();
    this.state = state;
  }
}

globalThis.YT = { Player, PlayerState: states };
globalThis.onYouTubeIframeAPIReady?.();
