using System.Globalization;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>What a projection's keys are called. The braces keep them on one node of a cluster.</summary>
internal sealed class RedisNames(string prefix, string projection)
{
    /// <summary>A hash: which generation is live, which is the shadow, their versions and positions.</summary>
    public RedisKey Meta { get; } = $"{prefix}:{{{projection}}}";

    public RedisKey Views(int generation) => Name(generation, "views");

    public RedisKey Places(int generation) => Name(generation, "places");

    /// <summary>The field of the meta hash that holds a generation's position.</summary>
    public static string Position(int generation) => string.Create(CultureInfo.InvariantCulture, $"position:{generation}");

    private RedisKey Name(int generation, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}:{{{projection}}}:{generation}:{what}");
}
