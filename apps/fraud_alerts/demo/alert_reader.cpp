#include <leat/apps/fraud_alerts/demo/alert_reader.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>

namespace leat::fraud {

namespace {

/// Alerts taken at a call, so that a flood cannot keep the caller from its other work.
constexpr std::size_t at_most = 1000;

} // namespace

alert_reader::alert_reader(const settings& config, const std::string& topic)
  : topic_{topic}, records_{client_properties(config, client_role::consumer), topic}, from_json_{json.make_decoder(
                                                                                        schema_of<alert>())} {}

const std::vector<alert>& alert_reader::read(duration patience) {
  alerts_.clear();
  auto wait = patience;
  while (alerts_.size() < at_most) {
    const auto record = records_.next(wait);
    wait = duration::zero();
    if (!record)
      break;
    raw_record raw;
    raw.payload = record->payload;
    std::vector<rejection> rejected;
    from_json_->decode({&raw, 1}, &alerts_.emplace_back(), sizeof(alert), rejected);
    if (!rejected.empty())
      throw connector_error{fmt::format(
        "what is at {}/{} offset {} is no alert: {}", topic_, record->partition, record->offset, rejected.front().reason)};
  }
  return alerts_;
}

} // namespace leat::fraud
