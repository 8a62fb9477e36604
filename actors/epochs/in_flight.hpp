#pragma once

#include <leat/messages/delta.hpp>
#include <leat/messages/record_codec.hpp>
#include <leat/messages/snapshot.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// The name of the state that has the records which a barrier has overtaken, under the uid of the stage whose actor had them:
/// an entry for each batch. Together with all that is kept they are to be sent again, by whoever sends there after a restart.
inline constexpr std::string_view in_flight_state = "leat.in_flight";

/// Where a batch was that a barrier has overtaken.
enum class in_flight_place : std::uint8_t {
  received, ///< at the receiver, not worked on
  unsent,   ///< at the sender, without credit: behind all that is at the receiver
};

/// A batch on its way. Those of a channel are to be sent again in this order.
struct in_flight_name {
  std::string sender;     ///< uid of the stage that sends; empty: they have come to the end of a sink, which had no room
  std::string receiver;   ///< uid of the stage that they go to
  std::uint32_t edge = 0; ///< which of the edges from the one to the other
  std::uint32_t from = 0; ///< which of the sender's subtasks; of a sink that has them, which of its own
  std::string partition;  ///< of a source: what that subtask reads
  std::uint32_t to = 0;   ///< which of the receiver's subtasks
  in_flight_place place = in_flight_place::received;
  std::uint64_t number = 0;

  friend auto operator<=>(const in_flight_name&, const in_flight_name&) = default;
};
BOOST_DESCRIBE_STRUCT(in_flight_name, (), (sender, receiver, edge, from, partition, to, place, number))

/// What is saved of it.
struct in_flight_records {
  std::string type;  ///< that they are written as, as text
  std::string bytes; ///< see `record_codec`
};
BOOST_DESCRIBE_STRUCT(in_flight_records, (), (type, bytes))

/// A channel as both its ends save what is on it.
struct in_flight_channel {
  in_flight_channel(in_flight_name of, const record_codec& by);

  in_flight_name name; ///< without place and number
  const record_codec* codec;
  std::string type;
};

/// The batches that a barrier has overtaken at one actor.
class in_flight_log {
public:
  /// @param stage its uid.
  explicit in_flight_log(std::string stage) : changes_{std::move(stage), group_of_all} {}

  /// Writes down the records of a batch from index `from` on.
  void add(const in_flight_channel& of, in_flight_place place, const batch_base& records, std::size_t from = 0);

  /// What the records take, as bytes.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  /// Adds all that was written down, which is forgotten here.
  void move_to(actor_state& all);

private:
  delta_writer changes_;
  actor_state full_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Records that are to be sent again.
struct restored_batch {
  std::size_t edge = 0; ///< of the stage that sends; of no meaning at a sink's end
  batch_ptr records;
};

/// The records of an entry. @throws state_error when they are of another type than `codec`'s, or damaged.
[[nodiscard]] batch_ptr
in_flight_batch(const in_flight_name& name, const in_flight_records& saved, const record_codec& codec);

} // namespace leat
