#include <leat/connectors/files/file_sink.hpp>

#include <leat/base/error.hpp>
#include <leat/base/steady_wall_clock.hpp>
#include <leat/connectors/files/epochs/file_transactional_writer.hpp>
#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/file_sink_writer.hpp>
#include <leat/connectors/files/leftovers.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

/// `20240501T120000250Z`: what tells the files of one run from those of another.
std::string run_name() {
  auto text = format_timestamp(steady_wall_clock());
  std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == '.'; });
  return text;
}

void make_folder(const std::string& step, const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    throw connector_error{fmt::format("sink '{}': cannot make the folder {}: {}", step, folder, failed.message())};
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw connector_error{fmt::format("sink '{}': cannot write to the folder {}: {}", step, folder, system_reason(errno))};
}

rolling_options letter_options(const connector_context& context, const std::string& chosen, const std::string& run) {
  rolling_options o;
  o.step = context.step;
  o.folder = letter_folder(chosen, context.job);
  o.name = "letters-" + run;
  o.extension = ".json";
  o.roll_at = file_sink_options{}.roll_at;
  o.roll_after = file_sink_options{}.roll_after;
  return o;
}

/// For a person.
std::string place_of(const rolling_options& letters) { return fmt::format("files of the folder {}", letters.folder); }

void complete_letters(const rolling_options& o) {
  if (std::filesystem::is_directory(o.folder))
    complete_leftovers(o, json);
}

} // namespace

/// What `open` finds out.
struct file_sink::opened {
  connector_context context;
  rolling_options files;
  rolling_options letters;
  std::shared_ptr<alarm_clock> disk = std::make_shared<alarm_clock>();
};

file_sink::file_sink(file_sink_options options, const format& written_as, const schema& of)
  : options_{std::move(options)}, format_{written_as}, schema_{of} {}

file_sink::~file_sink() = default;

void file_sink::open(const connector_context& context) {
  auto now = std::make_unique<opened>();
  now->context = context;
  const auto run = run_name();
  now->letters = letter_options(context, options_.letters, run);
  auto& o = now->files;
  o.step = context.step;
  o.folder = options_.folder;
  o.name = "part-" + run;
  o.extension = fmt::format(".{}", format_.name());
  o.header = format_.header(schema_);
  o.roll_at = options_.roll_at;
  o.roll_after = options_.roll_after;
  (void)format_.make_encoder(schema_); // throws for a record type that the format cannot hold
  make_folder(context.step, o.folder);
  complete_leftovers(o, format_);
  complete_letters(now->letters);
  opened_ = std::move(now);
}

std::unique_ptr<sink_writer> file_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  file_sink_writer::parts with;
  with.files = o.files;
  with.files.name += fmt::format("-{}", instance);
  with.letters = o.letters;
  with.letters.name += fmt::format("-{}", instance);
  with.writes_letters = o.context.dead_letters;
  with.encoding = format_.make_encoder(schema_);
  with.disk = o.disk;
  with.wake = std::move(wake);
  with.bytes_out = &o.context.metrics->get("bytes_out", o.context.step, instance);
  with.notes = o.context.metrics;
  return std::make_unique<file_sink_writer>(std::move(with));
}

std::unique_ptr<transactional_writer>
file_sink::make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) {
  const auto& o = *opened_;
  const auto prefix = epoch_prefix(o.context.job, o.context.uid.empty() ? o.context.step : o.context.uid);
  file_transactional_writer::parts with;
  with.places[0] = {o.context.step, o.files.folder, prefix, o.files.extension, o.files.header};
  with.places[1] = {o.context.step, o.letters.folder, "letters-" + prefix, o.letters.extension, {}};
  with.rolling = {options_.roll_at, options_.roll_after};
  with.shard = instance;
  with.parallelism = parallelism;
  with.writes_letters = o.context.dead_letters;
  with.encoding = format_.make_encoder(schema_);
  with.disk = options_.disk;
  if (!with.disk)
    with.disk = [clock = o.disk](std::function<void()> work) {
      clock->wake_at(alarm_clock::clock::now(), std::move(work));
    };
  with.passes = options_.passes;
  with.wake = std::move(wake);
  with.bytes_out = &o.context.metrics->get("bytes_out", o.context.step, instance);
  with.notes = o.context.metrics;
  return std::make_unique<file_transactional_writer>(std::move(with));
}

std::string file_sink::dead_letters_in() const { return opened_ ? place_of(opened_->letters) : std::string{}; }

/// What `open` finds out.
struct file_dead_letter_sink::opened {
  rolling_options letters;
  std::shared_ptr<alarm_clock> disk = std::make_shared<alarm_clock>();
};

file_dead_letter_sink::file_dead_letter_sink(std::string folder) : folder_{std::move(folder)} {}

file_dead_letter_sink::~file_dead_letter_sink() = default;

void file_dead_letter_sink::open(const connector_context& context) {
  auto now = std::make_unique<opened>();
  now->letters = letter_options(context, folder_, run_name());
  complete_letters(now->letters);
  opened_ = std::move(now);
}

std::unique_ptr<sink_writer> file_dead_letter_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  auto to = opened_->letters;
  to.name += fmt::format("-{}", instance);
  return std::make_unique<letter_file_writer>(std::move(to), opened_->disk, std::move(wake));
}

std::string file_dead_letter_sink::dead_letters_in() const { return opened_ ? place_of(opened_->letters) : std::string{}; }

} // namespace leat
