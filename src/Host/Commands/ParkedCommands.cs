using System.CommandLine;
using EventFiles.Infrastructure.ReadModels;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>projections parked</c>: the events that no fold could take.</summary>
internal static class ParkedCommands
{
    public static Command Define(WhichServer which, Option<bool> json)
    {
        var list = new Command("list", "Show the parked events");
        list.SetAction(async (asked, cancel) =>
        {
            await using var database = await OperatorDatabase.Open(which.Read(asked), cancel);
            Print(await new ProjectionRegister(database.Source).Parked(cancel), asked.GetValue(json));
            return 0;
        });

        var names = ProjectionsCommands.Names();
        var retry = new Command("retry", "Try the parked events of projections again; of all, when none is named") { names };
        retry.SetAction(async (asked, cancel) =>
        {
            await using var database = await OperatorDatabase.Open(which.Read(asked), cancel);
            var register = new ProjectionRegister(database.Source);
            var named = asked.GetValue(names) ?? [];
            var found = await ProjectionsCommands.Find(register, named, isAll: named.Length == 0, cancel);
            string[] all = [.. found.Where(one => one.Parked > 0).Select(one => one.Name)];
            if (all.Length > 0)
            {
                await register.Ask(all, ProjectionWish.RetryParked, cancel);
                await ProjectionsCommands.Until(register, all, one => !one.Retrying, _ => { }, cancel);
            }

            var left = (await register.Parked(cancel)).Where(one => all.Contains(one.Subscriber, StringComparer.Ordinal)).ToList();
            Print(left, asked.GetValue(json));
            return left.Count == 0 ? 0 : 1;
        });
        return new Command("parked", "Events that no fold could take") { list, retry };
    }

    private static void Print(IReadOnlyList<ParkedStatus> parked, bool json)
    {
        if (json)
        {
            ProjectionsCommands.PrintJson(parked);
            return;
        }

        var table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Subscriber", "Position", "Event", "Stream", "Behind it", "Tries", "Error");
        foreach (var one in parked)
        {
            table.AddRow(
                one.Subscriber, $"{one.Position}", one.Event, one.Stream, $"{one.Behind}", $"{one.Tries}", Markup.Escape(one.Error));
        }

        AnsiConsole.Write(table);
    }
}
