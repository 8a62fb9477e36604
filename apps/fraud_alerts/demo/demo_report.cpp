#include <leat/apps/fraud_alerts/demo/demo_report.hpp>

#include <leat/apps/fraud_alerts/demo/latency_log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace leat::fraud {

namespace {

/// 1,234,567
std::string grouped(std::int64_t n) {
  if (n < 1000)
    return fmt::format("{}", n);
  return fmt::format("{},{:03}", grouped(n / 1000), n % 1000);
}

std::string milliseconds(const std::vector<double>& ascending, double q) {
  const auto value = percentile(ascending, q);
  return value ? fmt::format("{:.1f} ms", *value) : "-";
}

std::string row(const std::string& rule, const rule_score& s, const std::vector<double>& latencies) {
  return fmt::format(
    "  {:<18}{:>8}{:>10}{:>8}{:>8}{:>12}{:>12}\n", rule, s.alerts, s.injected, s.found,
    s.injected > 0 ? fmt::format("{}%", 100 * s.found / s.injected) : "-", milliseconds(latencies, 0.5),
    milliseconds(latencies, 0.99));
}

const std::vector<double>& of_rule(const demo_results& results, const std::string& rule) {
  static const std::vector<double> none;
  const auto found = results.latencies.find(rule);
  return found == results.latencies.end() ? none : found->second;
}

} // namespace

std::string report_table(const demo_results& results) {
  auto text = fmt::format(
    "\n  {:<18}{:>8}{:>10}{:>8}{:>8}{:>12}{:>12}\n", "rule", "alerts", "injected", "found", "share", "p50", "p99");
  rule_score all;
  std::vector<double> latencies;
  for (const auto& [rule, score] : results.rules) {
    const auto& own = of_rule(results, rule);
    text += row(rule, score, own);
    all = {all.alerts + score.alerts, all.injected + score.injected, all.found + score.found};
    latencies.insert(latencies.end(), own.begin(), own.end());
  }
  std::sort(latencies.begin(), latencies.end());
  text += row("all", all, latencies);
  const auto per_second = static_cast<std::int64_t>(static_cast<double>(results.events) / std::max(results.seconds, 1e-3));
  text += fmt::format(
    "\n  events        {} ({:.1f} h of event time) in {:.1f} s\n  throughput    {} events/s{}\n  false alerts  {}\n"
    "  late events   {}\n  peak memory   {}\n",
    grouped(results.events), results.event_seconds / 3600, results.seconds, grouped(per_second),
    results.rate > 0 ? fmt::format(", fed at {} at most; --rate 0 feeds as fast as the job reads", grouped(results.rate))
                     : ", fed as fast as the job read",
    results.false_alerts, results.late,
    results.peak_memory ? fmt::format(
                            "{} MB, {} together", *results.peak_memory / (1024 * 1024),
                            results.embedded ? "job, broker and generator" : "job and generator")
                        : "unknown");
  text += "\n  Latency runs until the alert is read back from Kafka: for large-amount from handing the transaction to the\n"
          "  producer, for the others from the moment when every partition was handed a transaction that lets the\n"
          "  watermark pass the end of the window, or of the pair.\n";
  return text;
}

std::optional<std::int64_t> peak_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (std::int64_t kilobytes = 0; word == "VmHWM:" && status >> kilobytes)
      return kilobytes * 1024;
  return std::nullopt;
}

} // namespace leat::fraud
