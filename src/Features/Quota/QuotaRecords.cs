using System.Runtime.CompilerServices;

namespace EventFiles.Features.Quota;

/// <summary>A person's space.</summary>
internal sealed class QuotaRecords(IStreams streams) : IPersonalRecords
{
    public string Name => "quota";

    public async IAsyncEnumerable<object> Of(AccountId person, [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return QuotaView.Of(person, await streams.Load(QuotaDecider.StreamOf(person), QuotaDecider.Decider, cancel));
    }
}
