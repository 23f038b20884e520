// Has the interface of YouTube's IFrame player: a seek buffers for a moment, a film of 600 seconds ends, and all is told late.

const states = { UNSTARTED: -1, ENDED: 0, PLAYING: 1, PAUSED: 2, BUFFERING: 3, CUED: 5 };
const LENGTH = 600;

class Player {
  constructor(element, options) {
    this.options = options;
    this.state = states.CUED;
    this.rate = 1;
    this.position = 0;
    this.since = null;
    this.until = LENGTH;
    this.isSeenThere = false;
    this.frame = document.createElement("iframe");
    element.replaceWith(this.frame);
    globalThis.player = this;
    setTimeout(() => this.options.events.onReady?.({ target: this }), 10);
  }

  getCurrentTime() {
    const position = this.at();
    this.isSeenThere = position === this.until;
    return position;
  }

  getPlaybackRate() {
    return this.rate;
  }

  setPlaybackRate(rate) {
    this.move(this.at());
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
    this.ending = setInterval(() => this.at() >= LENGTH && this.become(states.ENDED), 20);
  }

  pauseVideo() {
    this.become(states.PAUSED);
  }

  destroy() {
    clearInterval(this.ending);
    this.frame.remove();
  }

  // Not of YouTube's: play no further than this, so that a test which is held up has not played more than another.
  // `isSeenThere` says that whoever asks where it stands has heard so.
  playTo(seconds) {
    this.move(this.at());
    this.until = seconds;
    this.isSeenThere = false;
  }

  at() {
    if (this.since === null) return this.position;
    return Math.min(this.until, this.position + ((performance.now() - this.since) / 1000) * this.rate);
  }

  become(state, position = this.at()) {
    if (state === states.ENDED) clearInterval(this.ending);
    this.position = position;
    this.since = null;
    this.state = state;
    setTimeout(() => this.tell(state), 5);
  }

  tell(state) {
    // It moves from here on: what a page that is held up did not hear of was not watched either.
    if (state === states.PLAYING && this.state === state) this.since = performance.now();
    this.options.events.onStateChange?.({ data: state });
  }

  move(position) {
    this.position = position;
    if (this.since !== null) this.since = performance.now();
  }
}

globalThis.YT = { Player, PlayerState: states };
globalThis.onYouTubeIframeAPIReady?.();
