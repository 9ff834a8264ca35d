namespace EventFiles.Host;

/// <summary>What this program is made of.</summary>
/// <param name="Slices">What it does.</param>
/// <param name="Adapters">What it stands on.</param>
public sealed record Product(Slices Slices, Action<IServiceCollection, Settings> Adapters);

/// <summary>Where an embedded server keeps its things.</summary>
/// <param name="ConnectionString">The database, for Npgsql.</param>
/// <param name="ObjectsFolder">The bytes of files.</param>
/// <param name="KeysFolder">Signing keys; closed to other accounts.</param>
public sealed record Settings(string ConnectionString, string ObjectsFolder, string KeysFolder);
