#include <leat/connectors/kafka/writing/record_lineup.hpp>

#include <leat/base/user_code.hpp>

#include <fmt/format.h>

namespace leat {

namespace {

constexpr std::size_t record_overhead = 128; // bytes a record batch of one needs beyond key and value, rounded up

} // namespace

record_lineup::record_lineup(parts with) : with_{std::move(with)}, refusals_{"sink", with_.step, with_.notes} {}

void record_lineup::line_up(const batch_base& in, std::size_t from, std::size_t count) {
  encode(in, from, count);
  records_.clear();
  refused_.clear();
  std::int64_t bytes = 0;
  auto next = rejected_.begin();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const lined_up record{with_.key ? std::optional{keys_[i]} : std::nullopt, values_[i]};
    const auto size = record.value.size() + (record.key ? record.key->size() : 0);
    if (next != rejected_.end() && next->index == i) {
      refused_.push_back(refuse(record, std::move(next->reason)));
      ++next;
    } else if (with_.limit && size + record_overhead > *with_.limit) {
      refused_.push_back(refuse(record, too_large(size)));
    } else {
      bytes += static_cast<std::int64_t>(size);
      records_.push_back(record);
    }
  }
  with_.bytes_out->add(bytes);
}

void record_lineup::encode(const batch_base& in, std::size_t from, std::size_t count) {
  values_.clear();
  keys_.clear();
  rejected_.clear();
  const auto* const first = static_cast<const char*>(in.data()) + from * in.stride();
  with_.encoding->encode(first, in.stride(), count, values_, rejected_);
  if (with_.key)
    run_user_code(with_.step, "key", [&] { with_.key->keys(in, from, keys_); });
}

dead_letter record_lineup::refuse(const lined_up& record, std::string reason) {
  refusals_.add(reason, with_.writes_letters, refusal_log::clock::now());
  dead_letter letter;
  letter.reason = std::move(reason);
  letter.step = with_.step;
  letter.topic = with_.topic;
  letter.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  if (record.key)
    letter.key.emplace(*record.key);
  if (!record.value.empty())
    letter.payload.emplace(record.value);
  return letter;
}

std::string record_lineup::too_large(std::size_t bytes) const {
  if (with_.limit)
    return fmt::format(
      "a record of {} bytes is too large for topic \"{}\", which takes {} (max.message.bytes)", bytes, with_.topic,
      *with_.limit);
  return fmt::format("a record of {} bytes is too large for the producer (message.max.bytes)", bytes);
}

} // namespace leat
