#include <leat/connectors/kafka/client_log.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace leat {

namespace {

constexpr int syslog_warning = 4;
constexpr int syslog_info = 6;
constexpr int syslog_debug = 7;

spdlog::level::level_enum level_of(int syslog) {
  if (syslog <= syslog_warning)
    return spdlog::level::warn; // whatever ends the job is thrown, and logged as an error by who catches it
  return syslog <= syslog_info ? spdlog::level::info : spdlog::level::debug;
}

} // namespace

bool client_log::may_log(std::string_view facility, int& held_back) {
  auto& k = kinds_.try_emplace(std::string{facility}).first->second;
  const auto now = std::chrono::steady_clock::now();
  if (k.last.time_since_epoch().count() != 0 && now - k.last < quiet_time) {
    ++k.held_back;
    return false;
  }
  k.last = now;
  held_back = std::exchange(k.held_back, 0);
  return true;
}

void client_log::line(int level, std::string_view facility, std::string_view text) {
  const bool all = debug_ && level >= syslog_debug;
  if (facility == "CONFWARN" && text.find("will be ignored by this") != std::string_view::npos)
    level = syslog_debug; // kafka.properties go to consumers and producers alike
  int held_back = 0;
  {
    const std::lock_guard lock{m_};
    if (level < syslog_warning)
      last_problem_ = text;
    if (!all && !may_log(facility, held_back))
      return;
  }
  if (held_back > 0)
    spdlog::log(level_of(level), "{}: {} ({} like it were not logged)", who_, text, held_back);
  else
    spdlog::log(level_of(level), "{}: {}", who_, text);
}

void client_log::problem(std::string_view code, std::string_view text, bool hopeless) {
  {
    const std::lock_guard lock{m_};
    hopeless_ = hopeless;
  }
  line(syslog_warning - 1, code, text);
}

std::string client_log::last_problem() const {
  const std::lock_guard lock{m_};
  return last_problem_;
}

bool client_log::hopeless() const {
  const std::lock_guard lock{m_};
  return hopeless_;
}

} // namespace leat
