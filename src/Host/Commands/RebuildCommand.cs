using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.ReadModels;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EventFiles.Host.Commands;

/// <summary>
/// <c>projections rebuild</c> and <c>projections diff</c>. The server does the work; whoever stops watching does not stop it.
/// </summary>
internal static class RebuildCommand
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public static Command Define(WhichServer which, Option<bool> json)
    {
        var (names, all) = (ProjectionsCommands.Names(), ProjectionsCommands.All());
        var diff = new Option<bool>("--diff") { Description = "If what was built differs, show how and wait for the command switch" };
        var command = new Command("rebuild", "Build views anew beside the live ones, compare them and switch") { names, all, diff };
        ProjectionsCommands.NeedsNames(command, names, all);
        command.SetAction((asked, cancel) => Rebuild(
            which.Read(asked), asked.GetValue(names) ?? [], asked.GetValue(all), asked.GetValue(diff),
            asked.GetValue(json), cancel));
        return command;
    }

    public static Command DefineDiff(WhichServer which, Option<bool> json)
    {
        var name = new Argument<string>("name") { Description = "The projection", HelpName = "NAME" };
        var values = new Option<bool>("--show-values") { Description = "Show the views too: they may tell of persons" };
        var command = new Command("diff", "Compare a waiting shadow with the live views again, and show what differs") { name, values };
        command.SetAction((asked, cancel) => Diff(
            which.Read(asked), asked.GetRequiredValue(name), asked.GetValue(values), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Rebuild(
        Settings settings, string[] names, bool isAll, bool isDiff, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        var register = new ProjectionRegister(database.Source);
        var found = await ProjectionsCommands.Find(register, names, isAll, cancel);
        if (!database.IsServed)
            throw new EmbeddedException("No server runs on this database. Its views are built when one starts.");
        if (found.Find(one => one.Paused) is { } paused)
            throw new EmbeddedException($"The projection {paused.Name} is paused; resume it first.");

        names = [.. found.Select(one => one.Name)];
        await register.Ask(names, isDiff ? ProjectionWish.RebuildAndCompare : ProjectionWish.Rebuild, cancel);
        found = await Watch(register, names, json, cancel);
        if (json)
        {
            ProjectionsCommands.PrintJson(found);
        }
        else
        {
            foreach (var one in found)
                Console.WriteLine(Outcome(one));
        }

        var differ = found.Where(one => one.Differences > 0).ToList();
        if (isDiff && !json)
        {
            foreach (var one in differ)
                Print(one.Name, (await register.Diff(one.Name, cancel))!);
        }

        return isDiff && differ.Count > 0 ? 1 : 0;
    }

    private static async Task<int> Diff(Settings settings, string name, bool withValues, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        var register = new ProjectionRegister(database.Source);
        var stands = (await ProjectionsCommands.Find(register, [name], isAll: false, cancel))[0];
        try
        {
            if (database.IsServed && stands.State == "compared")
            {
                await register.Ask([name], withValues ? ProjectionWish.CompareWithValues : ProjectionWish.Compare, cancel);
                await ProjectionsCommands.Until(register, [name], one => !one.Comparing, _ => { }, cancel);
            }

            if (await register.Diff(name, cancel) is not { } diff)
                throw new EmbeddedException($"Nothing of {name} has been compared since its last rebuild began.");
            if (json)
                ProjectionsCommands.PrintJson(diff);
            else
                Print(name, diff);
            return diff.Count == 0 ? 0 : 1;
        }
        finally
        {
            if (withValues)
                await register.Ask([name], ProjectionWish.ForgetValues, CancellationToken.None);
        }
    }

    private static bool IsOver(ProjectionStatus one) => one.Rebuild is null || (one.State == "compared" && one.ComparedAt is not null);

    private static Task<List<ProjectionStatus>> Watch(
        ProjectionRegister register, string[] names, bool json, CancellationToken cancel)
    {
        if (json)
            return ProjectionsCommands.Until(register, names, IsOver, _ => { }, cancel);
        return Console.IsOutputRedirected ? WatchLines(register, names, cancel) : WatchBars(register, names, cancel);
    }

    private static Task<List<ProjectionStatus>> WatchLines(ProjectionRegister register, string[] names, CancellationToken cancel)
    {
        var shown = 0L;
        return ProjectionsCommands.Until(
            register, names, IsOver,
            seen =>
            {
                if (shown > 0 && TimeProvider.System.GetElapsedTime(shown) < BetweenLines)
                    return;
                shown = TimeProvider.System.GetTimestamp();
                foreach (var one in seen.Where(one => !IsOver(one)))
                {
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{one.Name}: {one.State}, {one.ShadowPosition ?? 0} of {one.Target} events, {Pace(one)}"));
                }
            },
            cancel);
    }

    private static Task<List<ProjectionStatus>> WatchBars(ProjectionRegister register, string[] names, CancellationToken cancel)
    {
        var paces = new PaceColumn();
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), paces)
            .StartAsync(progress =>
            {
                var rows = names.ToDictionary(name => name, name => progress.AddTask(name), StringComparer.Ordinal);
                return ProjectionsCommands.Until(
                    register, names, IsOver,
                    seen =>
                    {
                        foreach (var one in seen)
                        {
                            var row = rows[one.Name];
                            row.MaxValue = Math.Max(1, one.Target);
                            row.Value = IsOver(one) ? row.MaxValue : one.ShadowPosition ?? 0;
                            paces[row] = Pace(one);
                        }
                    },
                    cancel);
            });
    }

    private static string Pace(ProjectionStatus one) => one switch
    {
        { EventsPerSecond: { } rate } => string.Create(
            CultureInfo.InvariantCulture, $"{rate:N0} events/s, {one.SecondsLeft ?? 0:N0} s left"),
        { Error: { } error } => error,
        _ => one.State,
    };

    private static string Outcome(ProjectionStatus one)
    {
        var found = one.ComparedAt is { } at
            ? one.LiveDigest == one.ShadowDigest
                ? FormattableString.Invariant($"equal at position {at}, digest {one.LiveDigest}")
                : FormattableString.Invariant($"{one.Differences} views differ at position {at}")
            : "not compared";
        var then = one.Rebuild is null
            ? FormattableString.Invariant($"readers see generation {one.Generation}")
            : $"the shadow waits: eventfiles projections switch {one.Name}, or discard {one.Name}";
        return $"{one.Name}: {found}; {then}";
    }

    private static void Print(string name, ProjectionDiff diff)
    {
        Console.WriteLine(FormattableString.Invariant($"{name}: {diff.Count} views differ at position {diff.ComparedAt}"));
        foreach (var view in diff.Items)
        {
            Console.WriteLine($"  {view.Key}  {string.Join(' ', view.Paths)}");
            Console.WriteLine($"    live    {Side(view.Live)}");
            Console.WriteLine($"    shadow  {Side(view.Shadow)}");
        }

        if (diff.Count > diff.Items.Count)
            Console.WriteLine(FormattableString.Invariant($"  … and {diff.Count - diff.Items.Count} more"));
    }

    private static string Side(ViewSide? side) => side is null
        ? "no such view"
        : FormattableString.Invariant($"{side.Hash}, last changed by {side.Event} at {side.Position} in {side.Stream}")
          + (side.Value is null ? "" : $"\n            {side.Value}");

    /// <summary>The rate and the time left, as the server reports them.</summary>
    private sealed class PaceColumn : ProgressColumn
    {
        private readonly ConcurrentDictionary<int, string> paces = [];

        public string this[ProgressTask row]
        {
            set => paces[row.Id] = value;
        }

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(paces.GetValueOrDefault(task.Id, ""));
    }
}
