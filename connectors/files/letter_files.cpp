#include <leat/connectors/files/letter_files.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/steady_wall_clock.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t longest_name = 4096; // bytes, as the kernel has it

/// A dead letter as it stands in a file: a line of JSON. See docs/formats/dead_letters.md.
struct filed_letter {
  timestamp time{};
  std::string step;
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  std::string reason;
  std::vector<std::string> causes;
  std::optional<std::string> key, payload;         // when they are text
  std::optional<std::string> key_hex, payload_hex; // when they are not
};
BOOST_DESCRIBE_STRUCT(
  filed_letter, (), (time, step, topic, partition, offset, reason, causes, key, payload, key_hex, payload_hex))

void put_bytes(
  const std::optional<std::string>& bytes, std::optional<std::string>& as_text, std::optional<std::string>& as_hex) {
  if (!bytes)
    return;
  if (find_invalid_utf8(*bytes) == std::string::npos) {
    as_text = bytes;
    return;
  }
  auto& hex = as_hex.emplace();
  for (const char byte : *bytes)
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
}

filed_letter filed(const dead_letter& letter) {
  filed_letter f;
  f.time = letter.time;
  f.step = excerpt(letter.step, longest_name); // a file's name need not be UTF-8
  f.topic = excerpt(letter.topic, longest_name);
  if (letter.partition >= 0)
    f.partition = letter.partition;
  if (letter.offset >= 0)
    f.offset = letter.offset;
  f.reason = letter.reason;
  f.causes = letter.causes;
  put_bytes(letter.key, f.key, f.key_hex);
  put_bytes(letter.payload, f.payload, f.payload_hex);
  return f;
}

} // namespace

letter_lines::letter_lines(std::string step, std::string folder)
  : step_{std::move(step)}, folder_{std::move(folder)}, encoder_{json.make_encoder(schema_of<filed_letter>())} {}

const encoded_records& letter_lines::of(const std::vector<dead_letter>& letters) {
  lines_.clear();
  if (letters.empty())
    return lines_;
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed)
    throw connector_error{fmt::format(
      "step '{}': cannot make the folder {} for dead letters: {}; choose another with .dead_letters(\"…\")", step_, folder_,
      failed.message())};
  std::vector<filed_letter> all;
  for (const auto& letter : letters)
    all.push_back(filed(letter));
  std::vector<rejection> none; // all texts are UTF-8
  encoder_->encode(all.data(), sizeof(filed_letter), all.size(), lines_, none);
  for (const auto& r : none)
    throw connector_error{fmt::format("step '{}': a dead letter cannot be written: {}", step_, r.reason)};
  return lines_;
}

std::vector<dead_letter>
letters_of(const std::vector<rejection>& refused, const std::string& step, const std::string& folder) {
  std::vector<dead_letter> letters(refused.size());
  for (std::size_t i = 0; i < refused.size(); ++i) {
    letters[i].reason = refused[i].reason;
    letters[i].step = step;
    letters[i].topic = folder;
    letters[i].time = steady_wall_clock();
  }
  return letters;
}

letter_files::letter_files(rolling_options where, std::shared_ptr<alarm_clock> disk, waker wake, std::uint64_t before)
  : lines_{where.step, where.folder}, files_{std::move(where), std::move(disk), std::move(wake), before} {}

void letter_files::write(const std::vector<dead_letter>& letters) {
  if (!letters.empty())
    files_.write(lines_.of(letters));
}

std::string letter_folder(const std::string& chosen, const std::string& job) {
  return chosen.empty() ? job + "-dead-letters" : chosen;
}

} // namespace leat
