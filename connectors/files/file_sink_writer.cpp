#include <leat/connectors/files/file_sink_writer.hpp>

#include <algorithm>
#include <utility>

namespace leat {

file_sink_writer::file_sink_writer(parts with)
  : with_{std::move(with)}, refusals_{"sink", with_.files.step, with_.notes}, files_{with_.files, with_.disk, with_.wake} {}

std::size_t file_sink_writer::write(const batch_base& in, std::size_t from) {
  const auto count = in.size() - from;
  lines_.clear();
  refused_.clear();
  const auto* const first = static_cast<const char*>(in.data()) + from * in.stride();
  with_.encoding->encode(first, in.stride(), count, lines_, refused_);
  files_.roll_if_old();
  files_.write(lines_);
  with_.bytes_out->add(static_cast<std::int64_t>(lines_.bytes.size() + count - refused_.size()));
  if (!refused_.empty())
    put_aside(refused_);
  return count;
}

void file_sink_writer::put_aside(const std::vector<rejection>& refused) {
  rejected_ += refused.size();
  for (const auto& r : refused)
    refusals_.add(r.reason, with_.writes_letters, refusal_log::clock::now());
  if (!with_.writes_letters)
    return;
  if (!letters_)
    letters_.emplace(with_.letters, with_.disk, with_.wake, segment_);
  letters_->write(letters_of(refused, with_.files.step, with_.files.folder));
}

std::uint64_t file_sink_writer::mark() {
  ++segment_;
  files_.mark(segment_);
  if (letters_)
    letters_->files().mark(segment_);
  return segment_;
}

std::uint64_t file_sink_writer::finish() {
  files_.roll();
  if (letters_)
    letters_->files().roll();
  return mark();
}

std::uint64_t file_sink_writer::delivered() {
  files_.roll_if_old();
  if (!letters_)
    return files_.stored();
  letters_->files().roll_if_old();
  return std::min(files_.stored(), letters_->files().stored());
}

std::size_t letter_file_writer::write(const batch_base& in, std::size_t from) {
  const auto letters = static_cast<const batch<dead_letter>&>(in).records().subspan(from);
  letters_.files().roll_if_old();
  letters_.write({letters.begin(), letters.end()});
  return letters.size();
}

std::uint64_t letter_file_writer::mark() {
  letters_.files().mark(++segment_);
  return segment_;
}

std::uint64_t letter_file_writer::finish() {
  letters_.files().roll();
  return mark();
}

std::uint64_t letter_file_writer::delivered() {
  letters_.files().roll_if_old();
  return letters_.files().stored();
}

} // namespace leat
