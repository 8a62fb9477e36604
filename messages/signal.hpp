#pragma once

#include <leat/base/time.hpp>

#include <cstdint>

namespace leat {

/// What travels among the batches of a channel beside the records.
enum class signal_kind : std::uint8_t {
  watermark, ///< no record with an event time <= `time` comes after this
  barrier,   ///< what came before belongs to epochs up to `epoch`, what comes after to later ones
  idle,      ///< nothing is to be expected here for now: do not wait for this input's watermark
  end,       ///< nothing comes after this
};

/// A signal keeps its place among the batches of its channel, but for a barrier that overtakes, and never waits for credit.
struct signal {
  signal_kind kind = signal_kind::watermark;

  /// watermark: the watermark.
  /// barrier: what has been read before it shows in output in full once the watermark reaches this time. Stateless steps
  /// pass it on; a window raises it to the last millisecond of its last open window.
  timestamp time = min_timestamp;

  /// barrier: its number, counted from 1. Of those that are given up, some may be missing.
  std::uint64_t epoch = 0;

  /// barrier: whether a window lies on its way, so that what came before it may still be held there.
  bool windowed = false;

  /// barrier: whether it goes ahead of the batches that wait: those are part of the checkpoint, as records on their way.
  bool overtakes = false;

  static signal watermark(timestamp t) { return {signal_kind::watermark, t, 0, false}; }
  static signal barrier(std::uint64_t epoch, timestamp settles_at = min_timestamp, bool windowed = false) {
    return {signal_kind::barrier, settles_at, epoch, windowed};
  }
  static signal overtaking_barrier(std::uint64_t epoch) {
    return {signal_kind::barrier, min_timestamp, epoch, false, true};
  }
  static signal idle() { return {signal_kind::idle, min_timestamp, 0, false}; }
  static signal end() { return {signal_kind::end, min_timestamp, 0, false}; }

  friend bool operator==(const signal&, const signal&) = default;
};

} // namespace leat
