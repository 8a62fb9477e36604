#include <leat/bench/bench_report.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace leat::bench {

namespace {

/// 1234567 as "1.23 M": three digits are what such a number is good for.
std::string readable(double value) {
  if (value >= 1e6)
    return fmt::format("{:.2f} M", value / 1e6);
  if (value >= 1e4)
    return fmt::format("{:.1f} k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

std::string quoted(std::string_view text) { return text.empty() ? "null" : fmt::format("\"{}\"", text); }

std::string goal_of(const measurement& m) {
  if (!m.aim)
    return "";
  const auto bound = m.aim->at_least ? "least" : "most";
  return m.aim->of_ratio ? fmt::format("at {} {:g}", bound, m.aim->limit)
                         : fmt::format("at {} {} {}", bound, readable(m.aim->limit), m.unit);
}

std::string judged(const measurement& m) {
  return m.aim ? fmt::format(" (goal: {}{})", goal_of(m), *m.met() ? "" : ": MISSED") : "";
}

} // namespace

std::optional<bool> measurement::met() const {
  if (!aim)
    return std::nullopt;
  const auto reached = aim->of_ratio ? ratio.value() : value;
  return aim->at_least ? reached >= aim->limit : reached <= aim->limit;
}

void bench_report::print() const {
  fmt::print("\n{:<46} {:>16} {:<14} {:>8}  {}\n", benchmark_, "value", "unit", "ratio", "compared with");
  for (const auto& r : rows_)
    fmt::print(
      "{:<46} {:>16} {:<14} {:>8}  {}{}\n", r.metric, readable(r.value), r.unit,
      r.ratio ? fmt::format("{:.2f}", *r.ratio) : "", r.baseline, judged(r));
  std::fflush(stdout);
}

void bench_report::write_json(const std::string& file) const {
  std::ofstream out{file};
  out << "[\n";
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto& r = rows_[i];
    out << fmt::format(
      R"(  {{"benchmark": "{}", "metric": "{}", "value": {}, "unit": "{}", "baseline": {}, "ratio": {}, "goal": {}, "met": {}}}{})",
      benchmark_, r.metric, r.value, r.unit, quoted(r.baseline), r.ratio ? fmt::format("{}", *r.ratio) : "null",
      quoted(goal_of(r)), r.aim ? fmt::format("{}", *r.met()) : "null", i + 1 < rows_.size() ? ",\n" : "\n");
  }
  out << "]\n";
  if (!out.flush())
    throw std::runtime_error{fmt::format("cannot write {}", file)};
}

std::optional<std::string> json_file(int argc, char** argv, std::string* only) {
  std::optional<std::string> file;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name{argv[i]};
    if (i + 1 < argc && name == "--json") {
      file = argv[i + 1];
    } else if (i + 1 < argc && name == "--only" && only) {
      *only = argv[i + 1];
    } else {
      fmt::print(stderr, "usage: {}{} [--json FILE]\n", argv[0], only ? " [--only TEXT]" : "");
      std::exit(2);
    }
  }
  return file;
}

} // namespace leat::bench
