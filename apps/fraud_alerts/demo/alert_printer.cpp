#include <leat/apps/fraud_alerts/demo/alert_printer.hpp>

#include <leat/apps/fraud_alerts/rules.hpp>

#include <fmt/format.h>

namespace leat::fraud {

namespace {

/// The terminal's colour of a rule (ECMA-48 SGR).
const char* colour_of(const std::string& rule) {
  if (rule == large_amount_name)
    return "\x1b[31m";
  if (rule == rate_name)
    return "\x1b[33m";
  if (rule == spending_name)
    return "\x1b[35m";
  return rule == country_change_name ? "\x1b[36m" : "\x1b[34m";
}

} // namespace

std::string alert_line(const alert& a, bool in_colour) {
  auto line = fmt::format(
    "ALERT  {}{:<16}{}  {}  {}, limit {}", in_colour ? colour_of(a.rule) : "", a.rule, in_colour ? "\x1b[0m" : "",
    a.user_id, a.detail, a.limit);
  if (a.window_end)
    line += fmt::format(", until {}", format_timestamp(*a.window_end));
  return line;
}

void alert_printer::show(const alert& a, clock::time_point now) {
  catch_up(now);
  if (lines_ == 0 && more_ == 0)
    second_began_ = now;
  if (lines_ < lines_per_second_) {
    ++lines_;
    to_.print(alert_line(a, in_colour_) + "\n");
  } else {
    ++more_;
  }
}

void alert_printer::catch_up(clock::time_point now) {
  if (now - second_began_ >= std::chrono::seconds{1})
    finish();
}

void alert_printer::finish() {
  if (more_ > 0)
    to_.print(fmt::format("       ... and {} more\n", more_));
  lines_ = 0;
  more_ = 0;
}

} // namespace leat::fraud
