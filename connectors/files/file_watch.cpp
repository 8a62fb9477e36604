#include <leat/connectors/files/file_watch.hpp>

#include <leat/base/error.hpp>

#include <utility>

namespace leat {

file_watch::file_watch(duration interval, question ask) : interval_{interval}, ask_{std::move(ask)} { set_alarm(); }

void file_watch::wait_for_change(
  const void* who, std::string path, std::optional<file_facts> seen, waker wake, std::uint64_t at_latest) {
  auto waits = std::make_shared<const watched>(watched{std::move(path), seen, std::move(wake), at_latest});
  const std::lock_guard lock{m_};
  watched_.insert_or_assign(who, std::move(waits));
}

void file_watch::forget(const void* who) {
  const std::lock_guard lock{m_};
  watched_.erase(who);
}

void file_watch::at_each_interval(std::function<void()> look) {
  const std::lock_guard lock{m_};
  look_further_ = std::move(look);
}

void file_watch::set_alarm() {
  clock_.wake_at(alarm_clock::clock::now() + interval_, [this] { look(); });
}

/// Asks without the lock: a file system that does not answer must not keep those waiting who come to wait or to forget.
void file_watch::look() {
  const auto number = ++looks_;
  decltype(watched_) waiting;
  std::function<void()> further;
  {
    const std::lock_guard lock{m_};
    waiting = watched_;
    further = look_further_;
  }
  for (const auto& [who, waits] : waiting)
    if ((number >= waits->at_latest || differs(*waits)) && take(who, waits))
      waits->wake();
  if (further)
    further();
  set_alarm();
}

/// Whether somebody has to look: also when nobody can tell.
bool file_watch::differs(const watched& w) const {
  try {
    return ask_(w.path) != w.seen;
  } catch (const connector_error&) {
    return true; // the reader's own try says what is wrong
  }
}

/// @returns false when `who` has gone, or waits for something else by now.
bool file_watch::take(const void* who, const std::shared_ptr<const watched>& waits) {
  const std::lock_guard lock{m_};
  const auto at = watched_.find(who);
  if (at == watched_.end() || at->second != waits)
    return false;
  watched_.erase(at);
  return true;
}

} // namespace leat
