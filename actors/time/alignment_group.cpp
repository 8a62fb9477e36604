#include <leat/actors/time/alignment_group.hpp>

#include <algorithm>

namespace leat {

std::vector<alignment_group::news> alignment_group::add(actor_id source, duration max_drift) {
  members_[source].max_drift = max_drift;
  return tell();
}

std::vector<alignment_group::news> alignment_group::on_report(const watermark_report& report) {
  if (report.ended) {
    members_.erase(report.source);
  } else {
    auto& m = members_.at(report.source);
    m.watermark = report.watermark;
    m.idle = report.idle;
  }
  return tell();
}

/// Those whose limit has fallen, who are held and may read on, or whose limit has risen enough to be worth a message. An
/// idle member is never held: it hears when it wakes.
std::vector<alignment_group::news> alignment_group::tell() {
  auto least = max_timestamp;
  for (const auto& [source, m] : members_)
    if (!m.idle)
      least = std::min(least, m.watermark);
  std::vector<news> all;
  for (auto& [source, m] : members_) {
    const auto limit = saturating_add(least, m.max_drift);
    const bool held = m.watermark > m.limit;
    const bool worth_it = limit > m.limit && (held || limit >= saturating_add(m.limit, report_interval(m.max_drift)));
    if (m.idle || (limit >= m.limit && !worth_it))
      continue;
    m.limit = limit;
    all.push_back({source, limit});
  }
  return all;
}

} // namespace leat
