using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// What a projection's keys are called. There are five and no more, whatever is rebuilt: the figures, and two halves for
/// the views and places of a generation each, so that whoever begins anew knows all that must go. The braces keep them on
/// one node of a cluster.
/// </summary>
internal sealed class RedisNames
{
    public RedisNames(string prefix, string projection)
    {
        var meta = $"{prefix}:{{{projection}}}";
        All = [meta, $"{meta}:0:views", $"{meta}:0:places", $"{meta}:1:views", $"{meta}:1:places"];
    }

    /// <summary>In the order in which every script takes them: the figures, then each half's views and places.</summary>
    public RedisKey[] All { get; }

    public RedisKey Figures => All[0];

    /// <summary>A hash: of each key the view, behind the position of the event that changed it last.</summary>
    public RedisKey Views(int half) => All[1 + (2 * half)];

    /// <summary>A sorted set of <see cref="RedisPlaces"/>.</summary>
    public RedisKey Places(int half) => All[2 + (2 * half)];
}
