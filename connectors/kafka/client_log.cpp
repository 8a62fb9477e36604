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

void client_log::line(int level, std::string_view facility, std::string_view text) {
  const bool all = debug_ && level >= syslog_debug;
  if (facility == "CONFWARN" && text.find("will be ignored by this") != std::string_view::npos)
    level = syslog_debug; // kafka.properties go to consumers and producers alike
  std::uint64_t held_back = 0;
  {
    const std::lock_guard lock{m_};
    if (level < syslog_warning)
      last_problem_ = text;
    if (!all) {
      const auto before = limit_.pass(facility, log_limit::clock::now());
      if (!before)
        return;
      held_back = *before;
    }
    if (facility == "FAIL")
      told_of_loss_ = true;
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

void client_log::connected() {
  {
    const std::lock_guard lock{m_};
    if (!std::exchange(told_of_loss_, false))
      return;
  }
  spdlog::info("{}: all brokers are connected again", who_);
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
