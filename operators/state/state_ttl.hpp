#pragma once

#include <leat/base/time.hpp>

#include <string>

namespace leat {

/// How long a state outlives its last use, in processing time. Made by `expire_after`.
///
/// An expired value is never returned, and is dropped also when no record of its key comes.
class state_ttl {
public:
  /// Never expires.
  state_ttl() = default;
  explicit state_ttl(duration time) : time_{time} {}

  /// Whether anything ever expires.
  [[nodiscard]] bool ends() const noexcept { return time_ != duration::max(); }

  /// Reading counts as use as well; otherwise only creating and writing do.
  [[nodiscard]] state_ttl also_on_read() const {
    auto with = *this;
    with.on_read_ = true;
    return with;
  }

  [[nodiscard]] bool on_read() const noexcept { return on_read_; }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    return time_ > duration::zero()
             ? ""
             : "expire_after(time) takes a span above 0 ms, not " + std::to_string(time_.count()) + " ms";
  }

  /// When a value that is used now expires.
  [[nodiscard]] timestamp from(timestamp now) const noexcept {
    return time_ == duration::max() || now > max_timestamp - time_ ? max_timestamp : now + time_;
  }

private:
  duration time_ = duration::max();
  bool on_read_ = false;
};

/// A state's values expire so long after they were last written: `value_state<double> last{expire_after(5min)}`.
inline state_ttl expire_after(duration time) { return state_ttl{time}; }

} // namespace leat
