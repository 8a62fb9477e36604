#include <leat/connectors/registry/registered_decoder.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

registered_decoder::registered_decoder(const schema_format& inner, const schema& of, std::shared_ptr<schema_cache> schemas)
  : inner_{inner}, schema_{of}, has_place_{!inner.message_place(of).empty()}, schemas_{std::move(schemas)} {}

registered_decoder::~registered_decoder() {
  if (line_)
    line_->cut();
}

std::optional<registered_bytes> registered_decoder::parse(const raw_record& record) const noexcept {
  return record.payload ? read_registered(*record.payload, has_place_) : std::nullopt;
}

registered_decoder::way* registered_decoder::find(const registered_bytes& record) {
  if (last_ && record.schema == last_schema_ && record.place == last_place_)
    return last_;
  const auto of_schema = ways_.find(record.schema);
  if (of_schema == ways_.end())
    return nullptr;
  const auto found = of_schema->second.find(record.place);
  if (found == of_schema->second.end())
    return nullptr;
  last_schema_ = record.schema;
  last_place_ = record.place;
  last_ = &found->second;
  return last_;
}

/// All schemas that are missing are asked for at once, also those of later records.
std::size_t registered_decoder::ready(std::span<const raw_record> in, const waker& wake) {
  if (made_ > most_ways) {
    ways_.clear();
    last_ = nullptr;
    made_ = 0;
  }
  std::size_t first_waiting = in.size();
  for (std::size_t i = 0; i < in.size(); ++i)
    if (const auto record = parse(in[i]); record && !prepare(*record, wake) && first_waiting == in.size())
      first_waiting = i;
  return first_waiting;
}

/// @returns whether it is known how to decode such records; otherwise `wake` will call.
bool registered_decoder::prepare(const registered_bytes& record, const waker& wake) {
  const auto* const known = find(record);
  if (known && (known->by || schema_cache::clock::now() < known->until))
    return true;
  if (!line_)
    line_ = std::make_shared<wake_line>(wake);
  const auto found = schemas_->find(record.schema, line_);
  if (!found)
    return false;
  ways_[record.schema].insert_or_assign(std::string{record.place}, make_way(record, *found));
  ++made_;
  return true;
}

registered_decoder::way
registered_decoder::make_way(const registered_bytes& record, const schema_cache::entry& known) const {
  constexpr auto forever = schema_cache::clock::time_point::max();
  if (!known.found)
    return {nullptr, fmt::format("schema {} is not in the registry: {}", record.schema, known.reason), known.until};
  if (known.found->kind != inner_.schema_kind())
    return {
      nullptr, fmt::format("schema {} is of the kind {}, not {}", record.schema, known.found->kind, inner_.schema_kind()),
      forever};
  auto written = known.found->schema;
  if (has_place_)
    written.message = place_numbers(record.place);
  try {
    return {inner_.make_decoder_of(written, schema_)};
  } catch (const error& e) {
    return {nullptr, fmt::format("written with schema {}: {}", record.schema, e.what()), forever};
  }
}

std::size_t registered_decoder::decode(
  std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  std::size_t filled = 0;
  for (std::size_t i = 0; i < in.size();) {
    const auto first = i;
    way* by = nullptr;
    same_.clear();
    for (; i < in.size(); ++i) {
      const auto record = parse(in[i]);
      auto* const its = record ? find(*record) : nullptr;
      if (!its || (by && its != by))
        break;
      by = its;
      same_.push_back(in[i]);
      same_.back().payload = record->payload;
    }
    if (by)
      filled += follow(*by, first, static_cast<char*>(slots) + filled * stride, stride, rejected);
    else
      rejected.push_back({i, refusal_of(in[i])}), ++i;
  }
  return filled;
}

/// Decodes `same_`, whose first record is the one at `first` of those given.
std::size_t
registered_decoder::follow(way& by, std::size_t first, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  const auto before = rejected.size();
  if (!by.by) {
    for (std::size_t i = 0; i < same_.size(); ++i)
      rejected.push_back({first + i, by.refusal});
    return 0;
  }
  const auto filled = by.by->decode(same_, slots, stride, rejected);
  for (auto i = before; i < rejected.size(); ++i)
    rejected[i].index += first;
  return filled;
}

std::string registered_decoder::refusal_of(const raw_record& record) {
  if (!record.payload)
    return "the value is null (a tombstone), not a record";
  return fmt::format(
    "not in Confluent's wire format, which begins with a zero byte and the id of a schema: \"{}\"",
    excerpt(*record.payload, 20));
}

} // namespace leat
