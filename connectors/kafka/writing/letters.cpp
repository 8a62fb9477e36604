#include <leat/connectors/kafka/writing/letters.hpp>

#include <leat/connectors/kafka/dead_letter_outbox.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <algorithm>

namespace leat {

namespace names = dead_letter_headers;

namespace {

constexpr const char* largest_letter = "33554432"; // bytes: also what another topic has refused as too large
constexpr std::size_t smallest_cut = 512;          // bytes of key and value: refused below, cutting does not help

} // namespace

std::vector<std::pair<const char*, std::string>> letter_headers(const dead_letter& letter, std::size_t longest_reason) {
  std::vector<std::pair<const char*, std::string>> headers{
    {names::reason, letter.reason.substr(0, longest_reason)},
    {names::step, letter.step},
    {names::topic, letter.topic},
    {names::partition, std::to_string(letter.partition)},
    {names::offset, std::to_string(letter.offset)},
    {names::timestamp, std::to_string(to_millis(letter.time))},
  };
  auto room = longest_reason; // of all causes together
  for (std::size_t i = 0; i < std::min(letter.causes.size(), names::causes.size()) && room > 0; ++i)
    room -= headers.emplace_back(names::causes[i], letter.causes[i].substr(0, room)).second.size();
  return headers;
}

void request_letter_topic(rd_kafka_t* through, const std::string& topic, rd_kafka_queue_t* answers) {
  const kafka_ptr<rd_kafka_NewTopic_t> wanted{rd_kafka_NewTopic_new(topic.c_str(), 1, -1, nullptr, 0)};
  rd_kafka_NewTopic_set_config(wanted.get(), "max.message.bytes", largest_letter);
  auto* one = wanted.get();
  rd_kafka_CreateTopics(through, &one, 1, nullptr, answers);
}

void log_letter(epoch_log_writer& to, const dead_letter& letter) {
  const auto texts = letter_headers(letter);
  const auto topic = dead_letter_topic(letter.topic);
  const std::vector<log_header> headers{texts.begin(), texts.end()};
  to.add({topic, letter.time, std::nullopt, letter.key, letter.payload, headers});
}

bool log_cut_letter(epoch_log_writer& to, logged_record letter) {
  if (letter.size() <= smallest_cut)
    return false;
  const auto room = std::min(dead_letter_outbox::cut_bytes, letter.size() / 2);
  std::vector<log_header> headers{letter.headers.begin(), letter.headers.end()};
  const auto note = [&](const char* name, const std::string& bytes) {
    if (std::ranges::none_of(headers, [&](const log_header& h) { return h.first == name; }))
      headers.emplace_back(name, bytes);
  };
  const auto value_bytes = std::to_string(letter.value ? letter.value->size() : 0);
  const auto key_bytes = std::to_string(letter.key ? letter.key->size() : 0);
  note(names::truncated, value_bytes);
  if (letter.key && letter.key->size() > room / 2) {
    note(names::truncated_key, key_bytes);
    letter.key = letter.key->substr(0, room / 2);
  }
  if (letter.value)
    letter.value = letter.value->substr(0, room - (letter.key ? letter.key->size() : 0));
  letter.headers = headers;
  to.add(letter);
  return true;
}

} // namespace leat
