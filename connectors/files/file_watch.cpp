#include <leat/connectors/files/file_watch.hpp>

#include <leat/base/error.hpp>

#include <exception>
#include <utility>
#include <vector>

namespace leat {

namespace {

/// Whether somebody has to look: also when nobody can tell.
bool differs(const std::string& path, const std::optional<file_facts>& seen) {
  try {
    return facts_of(path) != seen;
  } catch (const connector_error&) {
    return true; // the reader's own try says what is wrong
  }
}

} // namespace

file_watch::file_watch(duration interval) : interval_{interval} { set_alarm(); }

void file_watch::wait_for_change(const void* who, std::string path, std::optional<file_facts> seen, waker wake) {
  const std::lock_guard lock{m_};
  watched_.insert_or_assign(who, watched{std::move(path), seen, std::move(wake)});
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

void file_watch::look() {
  std::vector<waker> to_wake;
  std::function<void()> further;
  {
    const std::lock_guard lock{m_};
    for (auto at = watched_.begin(); at != watched_.end();) {
      if (differs(at->second.path, at->second.seen)) {
        to_wake.push_back(std::move(at->second.wake));
        at = watched_.erase(at);
      } else {
        ++at;
      }
    }
    further = look_further_;
  }
  for (const auto& wake : to_wake)
    wake();
  if (further)
    further();
  set_alarm();
}

} // namespace leat
