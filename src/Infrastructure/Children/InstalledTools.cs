namespace EventFiles.Infrastructure.Children;

/// <summary>What children find. Looked up each time: what is installed later is found without a restart.</summary>
internal sealed class InstalledTools : ITools
{
    /// <summary>Where children look for programs.</summary>
    public const string Path = "/usr/local/bin:/usr/bin:/bin";

    public bool Has(string program) => Path.Split(':').Any(folder => File.Exists(System.IO.Path.Combine(folder, program)));
}
