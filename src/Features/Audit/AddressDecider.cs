using System.Collections.Immutable;
using System.Diagnostics;

namespace EventFiles.Features.Audit;

/// <summary>What is to be done with somebody's addresses.</summary>
public abstract record AddressCommand
{
    private AddressCommand() { }

    /// <summary>A request comes from there.</summary>
    public sealed record Note(string Address) : AddressCommand;
}

/// <summary>The addresses that are known of somebody, by number; the newest ones only.</summary>
public sealed record AddressState(ImmutableDictionary<string, int> Numbers, int Last);

public static class AddressDecider
{
    /// <summary>So many addresses are remembered. Whoever comes back from an older one is noted anew.</summary>
    public const int Remembered = 500;

    public static readonly Decider<AddressCommand, AddressState, AddressEvent> Decider = new(
        new AddressState(ImmutableDictionary.Create<string, int>(StringComparer.Ordinal), 0), Evolve, Decide);

    public static StreamId StreamOf(AccountId whose) => new($"addresses-{whose}", whose);

    private static Decision<AddressEvent> Decide(AddressState known, AddressCommand ask, DateTimeOffset now) => ask switch
    {
        AddressCommand.Note note when known.Numbers.ContainsKey(note.Address) => Decision<AddressEvent>.AlreadySo,
        AddressCommand.Note note => new AddressEvent.Noted(known.Last + 1, note.Address),
        _ => throw new UnreachableException(),
    };

    private static AddressState Evolve(AddressState known, AddressEvent happened) => happened switch
    {
        AddressEvent.Noted noted => new AddressState(Newest(known.Numbers, noted.Number).SetItem(noted.Address, noted.Number), noted.Number),
        _ => throw new UnreachableException(),
    };

    private static ImmutableDictionary<string, int> Newest(ImmutableDictionary<string, int> numbers, int next) =>
        numbers.Count < Remembered ? numbers : numbers.RemoveRange(numbers.Where(one => one.Value <= next - Remembered).Select(one => one.Key));
}
