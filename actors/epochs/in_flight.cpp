#include <leat/actors/epochs/in_flight.hpp>

#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/encoded/type_change.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace leat {
namespace {

bool same_bytes(const std::string& saved, const encoded_type& today) {
  return saved == type_text(today) ||
         type_change{*parse_encoded_type(saved), today, type_change::changing::value}.same_bytes();
}

} // namespace

in_flight_channel::in_flight_channel(in_flight_name of, const record_codec& by)
  : name{std::move(of)}, codec{&by}, type{type_text(by.type())} {}

void in_flight_log::add(const in_flight_channel& of, in_flight_place place, const batch_base& records, std::size_t from) {
  auto name = of.name;
  name.place = place;
  name.number = number_++;
  in_flight_records saved{of.type, {}};
  byte_writer to{saved.bytes};
  of.codec->encode(records, from, to);
  bytes_ += saved.bytes.size();
  changes_.put(in_flight_state, encoded(name), encoded(saved));
  if (changes_.full())
    full_.push_back(changes_.take());
}

void in_flight_log::move_to(actor_state& all) {
  if (!changes_.empty())
    full_.push_back(changes_.take());
  std::move(full_.begin(), full_.end(), std::back_inserter(all));
  full_.clear();
  bytes_ = 0;
}

batch_ptr in_flight_batch(const in_flight_name& name, const in_flight_records& saved, const record_codec& codec) {
  if (!same_bytes(saved.type, codec.type()))
    throw state_error{fmt::format(
      "the checkpoint has records on their way to '{}' that are of another type than today: {}, not {}. Begin with a "
      "savepoint of the former program, which has no such records",
      name.receiver, shown_type_text(*parse_encoded_type(saved.type)), shown_type_text(codec.type()))};
  byte_reader from{saved.bytes};
  auto records = codec.decode(from);
  from.expect_end();
  return records;
}

} // namespace leat
