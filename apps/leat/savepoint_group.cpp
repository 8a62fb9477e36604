#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/checkpoint_options.hpp>
#include <leat/apps/leat/leat_command.hpp>
#include <leat/apps/leat/savepoint_commands.hpp>

#include <filesystem>

namespace leat::cli {

namespace {

constexpr command_option stop{"--stop", "", "Stops the job, which finishes what it has read."};

int create(const invocation& i) {
  create_savepoint(i.words[0], i.has(stop), i.out, i.json());
  return command_done;
}

int list(const invocation& i) {
  list_checkpoints(i.words[0], i.out, i.json());
  return command_done;
}

int inspect(const invocation& i) {
  const auto place = place_of(i);
  inspect_checkpoint(place, place.open(max_age_of(i)), i.out, i.json());
  return command_done;
}

int verify(const invocation& i) {
  const bool all = !i.has(checkpoint_option) && std::filesystem::is_directory(i.words[0]);
  const auto places = all ? all_checkpoints(i.words[0]) : std::vector{place_of(i)};
  return verify_checkpoints(places, max_age_of(i), i.out, i.json()) ? command_done : command_failed;
}

constexpr std::string_view how_to_delete_the_last = "`leat savepoint delete {} last` deletes it, once the job is stopped; "
                                                    "`leat savepoint delete --help` says how the job begins "
                                                    "then";

void delete_file(const std::string& path) {
  if (std::filesystem::is_directory(path))
    throw config_error{fmt::format("{}: which one? Numbers of retained checkpoints, or `last`", path)};
  const auto place = find_checkpoint(path, std::nullopt);
  if (!place.copy)
    throw config_error{fmt::format(
      "{}: is what the job goes on from: {}", path, fmt::format(fmt::runtime(how_to_delete_the_last), place.directory))};
  delete_checkpoint(place);
}

int delete_some(const invocation& i) {
  const auto& path = i.words[0];
  if (i.words.size() == 1) {
    delete_file(path);
    return command_done;
  }
  std::vector<checkpoint_place> places; // all of them before the first is deleted
  for (auto word = i.words.begin() + 1; word != i.words.end(); ++word) {
    const bool last = *word == "last";
    places.push_back(
      find_checkpoint(path, last ? std::nullopt : std::optional{invocation::value_of<std::uint64_t>("NUMBER", *word)}));
    if (!last && !places.back().copy)
      throw config_error{fmt::format(
        "{}: checkpoint {} is not retained, it is the one that the job goes on from: {}", path, *word,
        fmt::format(fmt::runtime(how_to_delete_the_last), path))};
  }
  for (const auto& place : places)
    delete_checkpoint(place);
  return command_done;
}

} // namespace

command_group savepoint_group() {
  return {
    "savepoint",
    "Checkpoints and savepoints",
    "DIRECTORY is a job's state directory; PATH is one too, or a file with a retained checkpoint or a savepoint.",
    {{"create",
      1,
      1,
      "DIRECTORY",
      "Has the running job take one, and says where it is; with --stop it is the job's last.",
      {stop, json_option},
      create},
     {"list", 1, 1, "DIRECTORY", "The last checkpoint and those retained.", {json_option}, list},
     {"inspect",
      1,
      1,
      "PATH",
      "Job, steps, types, positions of the sources, epochs to be written.",
      {json_option, checkpoint_option, max_age_option},
      inspect},
     {"verify",
      1,
      1,
      "PATH",
      "Reads everything, of a directory all checkpoints; says what is damaged.",
      {json_option, checkpoint_option, max_age_option},
      verify},
     {"delete",
      1,
      1'000'000,
      "FILE | DIRECTORY NUMBER...",
      "Deletes a file with a checkpoint, or retained checkpoints. `last` for a number: the one that the job goes on from, "
      "once the job is stopped. It begins without state then. If an exactly-once sink has written, it is refused: until "
      "kafka.allow-duplicates is set, or a sink to files has another folder.",
      {},
      delete_some}}};
}

} // namespace leat::cli
