using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Features.Audit;

/// <summary>
/// Numbers the addresses that each person's requests come from. Nobody is kept from what they want to do because it could not
/// be noted from where.
/// </summary>
internal sealed partial class AddressBook(IStreams streams, ILogger<AddressBook> log) : IAddressBook, IDisposable
{
    /// <summary>So many new addresses of a person a node notes in <see cref="Window"/>: nobody fills the log with them.</summary>
    public const int MostNew = 30;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly PartitionedRateLimiter<AccountId> news = PartitionedRateLimiter.Create<AccountId, AccountId>(
        who => RateLimitPartition.GetFixedWindowLimiter(
            who, _ => new FixedWindowRateLimiterOptions { PermitLimit = MostNew, Window = Window, QueueLimit = 0 }));

    public async Task<int?> Number(AccountId who, string address, CancellationToken cancel)
    {
        try
        {
            var stream = AddressDecider.StreamOf(who);
            var known = await streams.Recall(stream, AddressDecider.Decider, cancel);
            if (known.Numbers.TryGetValue(address, out var number))
                return number;
            using var place = news.AttemptAcquire(who);
            return place.IsAcquired ? await Note(stream, address, cancel) : null;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            NotNoted(failed);
            return null;
        }
    }

    public void Dispose() => news.Dispose();

    private async Task<int?> Note(StreamId stream, string address, CancellationToken cancel)
    {
        var noted = await streams.Transact<AddressState>(
            async transaction => await transaction.Decide(stream, AddressDecider.Decider, new AddressCommand.Note(address)) is { } no
                ? no
                : await transaction.Load(stream, AddressDecider.Decider),
            cancel);
        return noted is Answer<AddressState>.Yes(var now, _) ? now.Numbers[address] : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The address that a request came from could not be noted; the request goes on")]
    private partial void NotNoted(Exception why);
}
